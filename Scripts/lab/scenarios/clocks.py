"""Wall clocks that jump, and certificates that are renewed."""

import subprocess

from declared import scenario
from dns import DOMAIN
from network import HERE

HOUR, DAY = 3_600, 86_400
CERTIFICATES = HERE.resolve().parent.parent / "Deploy/certificates.sh"


def with_fake_clocks(trial):
    for node in (trial.hubs[0], trial.edges[0]):
        node.fake_clock()


@scenario("The clocks of a hub and an edge jump by an hour and by 40 days, forth and back", prepare=with_fake_clocks, silence_maximum=3)
def clock_jumps(trial):
    for jump in (HOUR, -HOUR, 40 * DAY, 0):
        for node in (trial.hubs[0], trial.edges[0]):
            node.set_clock(jump)
        trial.steady(4)


def serial_shown(node, port, *arguments):
    """The serial number of the certificate that a program shows."""
    connect = node.host.command("openssl", "s_client", "-connect", "127.0.0.1:%d" % port, *arguments)
    shown = subprocess.run(connect, input="", capture_output=True, text=True, timeout=10).stdout
    read = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=shown, capture_output=True, text=True)
    return read.stdout.strip()


@scenario(
    "All certificates of the link and of HTTPS are renewed, and each hub restarts", silence_maximum=2,
    prepare=lambda trial: [edge.serve_tls() for edge in trial.edges])
def certificates_renewed(trial):
    folder = trial.fleet.certificates
    shown = [(trial.hubs[0], 8010), (trial.hubs[1], 8010)] + [(edge, 8443) for edge in trial.edges]
    before = [serial_shown(*one) for one in shown]
    trial.expect(all(before), "a certificate could not be read")
    for path in list(folder.glob("hub.*")) + list(folder.glob("edge-*")):
        path.unlink()
    names = [part for number in (1, 2) for part in ("--hub-name", "hub-%d.%s" % (number, DOMAIN))]
    subprocess.run([CERTIFICATES, "--out", folder, "--edges", "12", *names], check=True, stdout=subprocess.DEVNULL)
    trial.steady(1)
    for hub in trial.hubs:
        trial.expect(hub.post("/admin/reload"), "%s did not reload" % hub.name)
    for edge in trial.edges:
        trial.expect(trial.hubs[0].post("/admin/edges/%s/reload" % edge.name), "%s did not reload" % edge.name)
    trial.steady(3)
    after = [serial_shown(*one) for one in shown]
    trial.expect(all(after) and not set(before) & set(after), "an old certificate is still shown")
    for hub in trial.hubs:  # The links are made again, with the new certificates of both sides.
        hub.kill()
        trial.steady(2)
        hub.restart()
        hub.wait()
        trial.steady(3)
    linked = [sum(edge["state"] == "live" for edge in hub.status()["edges"]) for hub in trial.hubs]
    trial.expect(linked == [len(trial.edges)] * 2, "links with the new certificates: %s" % linked)

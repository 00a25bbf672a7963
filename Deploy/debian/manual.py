#!/usr/bin/env python3
"""Makes a manual page (man(7)) from what a command prints with --help.

Usage: manual.py SECTION VERSION SUMMARY COMMAND [SUBCOMMAND…]

Each subcommand's own --help becomes a part of the page.
"""
import os
import re
import subprocess
import sys
import time


def escaped(text):
    """Text for roff: a line must not begin with a control character."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in (".", "'") else text


def help_of(*command):
    output = subprocess.run([*command, "--help"], capture_output=True, text=True, check=True).stdout
    return output.strip("\n").split("\n")


def option(line):
    """The option that begins on a line, and the text after it; None if none does."""
    if not re.match(r"  -", line):
        return None
    parts = re.split(r"  +", line.strip(), maxsplit=1)
    # The library for flags has the text at the 27th character, behind one space if the option is as long as that; if it is
    # longer, on the next line.
    if len(parts) == 1 and len(line) > 26 and line[25] == " " and line[26] != "<":
        parts = [line[:25].strip(), line[26:]]
    return parts[0], parts[1] if len(parts) > 1 else ""


def body(lines):
    """Yields the page's lines for the text after the usage."""
    text, inside_option = [], False

    def flush():
        joined = " ".join(word for word in text if word)
        text.clear()
        return [escaped(joined)] if joined else []

    for line in lines:
        start = option(line)
        if start:
            yield from flush()
            yield from (".TP", f"\\fB{escaped(start[0])}\\fR")
            text.append(start[1])
            inside_option = True
        elif not line.strip():
            yield from flush()
            if not inside_option:
                yield ".PP"
        elif re.fullmatch(r"[A-Z]+:|Options:", line.strip()):
            yield from flush()
        elif line.startswith("  ") and not inside_option:
            yield from flush()
            yield from (".nf", escaped(line), ".fi")
        else:
            text.append(line.strip())
            inside_option = inside_option and line.startswith("  ")
    yield from flush()


def parts(lines):
    """The usage, the text before it and the text after it."""
    at = next(i for i, line in enumerate(lines) if line.lower().startswith("usage: "))
    end = at + 1
    while end < len(lines) and lines[end].strip():
        end += 1
    usage = " ".join(line.strip() for line in lines[at:end])[len("usage: "):]
    before = [re.sub(r"^OVERVIEW: ", "", line) for line in lines[:at]]
    return usage, before, lines[end:]


def main(section, version, summary, command, *subcommands):
    name = os.path.basename(command)
    made = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time())))
    page = [f'.TH {name.upper()} {section} "{time.strftime("%Y-%m-%d", made)}" "emojitrack-relay {version}"']
    usage, before, after = parts(help_of(command))
    page += [".SH NAME", escaped(f"{name} - {summary}")]
    page += [".SH SYNOPSIS", f".B {escaped(usage)}", ".SH DESCRIPTION", *body(before), *body(after)]
    for subcommand in subcommands:
        usage, before, after = parts(help_of(command, subcommand))
        page += [f".SH {subcommand.upper()}", f".B {escaped(usage)}", ".PP", *body(before), *body(after)]
    others = sorted({"emojitrack-hub(8)", "emojitrack-edge(8)"} - {f"{name}({section})"})
    page += [".SH SEE ALSO", *(f".BR {escaped(other[:-3])} ({other[-2]})," for other in others[:-1])]
    page += [f".BR {escaped(others[-1][:-3])} ({others[-1][-2]})"]
    lines = [line for line, previous in zip(page, [""] + page) if (line, previous) != (".PP", ".PP")]
    print("\n".join(lines))


if len(sys.argv) < 5:
    sys.exit(__doc__)
main(*sys.argv[1:])

import Doctor
import HubCore
import Primitives
import Reactor
import Redis
import Service
import TLS

/// `emojitrack-hub check`.
enum HubCheck {
  /// Looks at everything that the hub would use.
  static func examine(_ settings: HubSettings, _ examination: inout Examination) {
    let now = MonotonicClock.wallSeconds()
    let identity = examination.certificate(
      "tls.certificate, tls.key", file: settings.certificate, key: settings.privateKey,
      authority: settings.authority, purpose: .server, unixSeconds: now)
    if let identity, NodeName(identity.certificate.holder) == nil {
      examination.fail(
        "tls.certificate", "names '\(identity.certificate.holder)'",
        remedy: "have the name of a host of at most 63 bytes signed as its first name")
    }
    examineAdmin(settings, now, &examination)
    examination.ports("link.listen", settings.linkListen)
    examination.ports("admin.listen", settings.adminListen)
    examination.ports("admin.https.listen", settings.adminSecureListen ?? [])
    examination.descriptors(needed: settings.edgesMaximum * 2 + 128)
    examination.clock(reference: examineRedis(settings, &examination))
  }

  private static func examineAdmin(_ settings: HubSettings, _ now: Int64, _ examination: inout Examination) {
    let isUsable = examination.attempt(
      "admin", remedy: "see what README says on access", { try AdminDoors(settings) })
    guard let doors = isUsable, let file = settings.adminCertificate, let key = settings.adminKey else {
      return
    }
    _ = examination.certificate(
      "admin.https.certificate, admin.https.key", file: file, key: key, authority: nil, purpose: .server,
      unixSeconds: now)
    if settings.adminTokens != nil { examination.ok("admin.tokens", "\(doors.acceptedTokens)") }
  }

  /// Returns what Redis's clock says, if it does.
  private static func examineRedis(
    _ settings: HubSettings, _ examination: inout Examination
  ) -> (unixSeconds: Int64, name: String)? {
    let subject = "redis.url"
    let questions = questions(settings)
    guard
      let source = examination.attempt(
        subject, remedy: "correct the URL, or the file that it names", { try FeedSource(settings.redisURL) })
    else { return nil }
    let server: RedisServer
    var name = "\(settings.redisURL)"
    switch source {
    case .server(let named): server = named
    case .sentinels(let sentinels):
      guard let master = master(of: sentinels, &examination) else { return nil }
      server = master.server
      name = "the master \(master.address)"
    }
    guard
      let examiner = examination.attempt(
        subject, remedy: "see whether the process may open sockets",
        { try RedisExaminer.ask(questions, of: server) })
    else { return nil }
    if let failure = examiner.failure {
      examination.fail(
        subject, "\(name): \(failure)",
        remedy: "see whether Redis runs there, can be reached from here, and has this name in DNS")
    } else {
      examination.ok(subject, "\(name) answers")
    }
    for (question, answer) in zip(questions, examiner.answers) where question.isShown {
      judge(question, answer, settings, &examination)
    }
    for (question, answer) in zip(questions, examiner.answers) where question.name == "TIME" {
      if case .array(let parts?) = answer, case .bulk(let bytes?)? = parts.first,
        let seconds = Int64(String(decoding: bytes, as: UTF8.self))
      {
        return (seconds, "Redis")
      }
    }
    return nil
  }

  private static func judge(
    _ question: RedisExaminer.Question, _ answer: RESPValue, _ settings: HubSettings,
    _ examination: inout Examination
  ) {
    let subject = "redis \(question.name)"
    switch answer {
    case .error(let message):
      let remedy =
        message.hasPrefix("NOPERM") ? "grant it to the user in Redis's ACL" : "see Redis's own words"
      if let loss = question.loss {
        examination.warn(subject, "\(message); without it, \(loss)", remedy: remedy)
      } else {
        examination.fail(subject, message, remedy: remedy)
      }
    case .array(let members?) where question.arguments[0] == "ROLE":
      guard members.first != .bulk(Array("master".utf8)) else {
        return examination.ok(subject, "it is a master")
      }
      examination.fail(
        subject, "it is a replica, and the hub needs a master",
        remedy: "name the master, or the sentinels that know it: redis-sentinel://…")
    case .array(let members?) where question.arguments[0] == "ZRANGE" && members.isEmpty:
      examination.warn(
        subject, "there are no totals yet; until there are, what is missed cannot be repaired",
        remedy: "see whether the feeder writes to this key and database")
    default: examination.ok(subject, "allowed")
    }
  }

  private static func questions(_ settings: HubSettings) -> [RedisExaminer.Question] {
    typealias Question = RedisExaminer.Question
    let names = settings.feedNames
    let url = settings.redisURL
    var questions: [Question] = []
    if let password = url.password {
      questions.append(
        Question(name: "AUTH", arguments: ["AUTH"] + (url.user.map { [$0] } ?? []) + [password]))
    }
    if url.database != 0 {
      questions.append(Question(name: "SELECT \(url.database)", arguments: ["SELECT", "\(url.database)"]))
    }
    let repair = "what is missed cannot be repaired"
    func ask(_ words: String..., loss: String? = nil, more: [String] = []) -> Question {
      Question(name: words.joined(separator: " "), arguments: words + more, loss: loss)
    }
    func queue(_ words: String..., loss: String, more: [String] = []) -> Question {
      Question(name: words.joined(separator: " "), arguments: words + more, loss: loss, isQueued: true)
    }
    func hidden(_ words: String...) -> Question {
      Question(name: words[0], arguments: words, loss: "", isShown: false)
    }
    questions += [
      ask("ROLE", loss: "a replica is not told from a master"),
      hidden("TIME"),
      ask("ZRANGE", names.scores, loss: repair, more: ["0", "0"]),
      hidden("MULTI"),
      queue("SET", names.lineage, loss: repair, more: ["x", "NX"]), queue("GET", names.lineage, loss: repair),
      queue(
        "EVAL", "return 1", loss: "two hubs may each rename totals that went backwards", more: ["0"]),
      queue("PUBLISH", names.fences, loss: repair, more: ["x"]),
      queue(
        "LRANGE", names.tweetsPrefix + "1F602", loss: "nobody gets tweets from before he came",
        more: ["0", "0"]),
      queue(
        "HSET", names.nodeStatuses, loss: "the predecessors' tools do not see the edges", more: ["x", "x"]),
      queue(
        "HDEL", names.nodeStatuses, loss: "edges that are gone stay there for the predecessors' tools",
        more: ["x"]),
      Question(name: "DISCARD", arguments: ["DISCARD"], loss: "", isShown: false, isQueued: true),
      ask("SUBSCRIBE", names.scoreUpdates),
      ask("PSUBSCRIBE", names.tweetUpdatesPrefix + "*", loss: "nobody gets tweets"),
      ask("SUBSCRIBE", names.fences, loss: repair),
    ]
    if settings.interactionEnabled {
      questions.append(
        ask("PSUBSCRIBE", names.interactionPrefix + "*", loss: "no kiosk display gets anything"))
    }
    return questions
  }
}

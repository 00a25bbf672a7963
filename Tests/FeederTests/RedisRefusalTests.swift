import Testing

@testable import Feeder

@Suite("A refusal")
struct RedisRefusalTests {
  @Test(
    "Temporary and permanent refusals are distinguished",
    arguments: [
      ("NOSCRIPT No matching script. Please use EVAL.", RedisRefusal.Kind.unknownScript),
      ("LOADING Redis is loading the dataset in memory", .passing),
      ("BUSY Redis is busy running a script.", .passing),
      ("OOM command not allowed when used memory > 'maxmemory'. script: aa50, on @user_script:3.", .passing),
      ("MISCONF Redis is configured to save RDB snapshots", .passing),
      ("NOREPLICAS Not enough good replicas to write.", .passing),
      ("CLUSTERDOWN The cluster is down", .passing),
      ("TRYAGAIN Multiple keys request during rehashing of slot", .passing),
      ("ERR max number of clients reached", .passing),
      ("READONLY You can't write against a read only replica.", .demoted),
      ("MASTERDOWN Link with MASTER is down", .demoted),
      ("NOPERM this user has no permissions", .lasting),
      ("WRONGPASS invalid username-password pair", .lasting),
      ("WRONGTYPE Operation against a key holding the wrong kind of value", .lasting),
      ("ERR unknown command", .lasting),
      ("LOADINGS of another kind", .lasting),
      ("", .lasting),
    ])
  func kinds(message: String, kind: RedisRefusal.Kind) {
    #expect(RedisRefusal(message).kind == kind)
  }

  @Test("The embedded error of a failed script in Redis before 7.0 is found")
  func scripts() {
    let words = "ERR Error running script (call to f_aa50): @user_script:3: @user_script: 3: -"
    #expect(RedisRefusal(words + "OOM command not allowed").kind == .passing)
    #expect(RedisRefusal(words + "READONLY You can't write against a read only replica.").kind == .demoted)
    #expect(RedisRefusal(words + "WRONGTYPE Operation against a key").kind == .lasting)
  }

  @Test("A permanent refusal comes with its remedy, a temporary one needs none")
  func remedies() {
    #expect(RedisRefusal("NOPERM no").description.hasPrefix("NOPERM no (grant the user EVAL"))
    let inScript = "ERR The user executing the script can't run this command or subcommand script: aa50"
    #expect(RedisRefusal(inScript).description.contains("(grant the user EVAL"))
    #expect(
      RedisRefusal("WRONGPASS no").description == "WRONGPASS no (correct user and password in redis.url)")
    #expect(RedisRefusal("LOADING wait").description == "LOADING wait")
  }
}

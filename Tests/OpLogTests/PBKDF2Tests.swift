import OpLog
import Testing

@Suite struct PBKDF2Tests {
  @Test(
    "gives the first half of the keys of RFC 7914 §11, and of one with a long password",
    arguments: [
      (
        "passwd", "salt", 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
      ),
      ("password", "salt", 2, "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43"),
      (
        String(repeating: "p", count: 70), "salt", 3,
        "96a1c57e266dc48cc008d5927daad2fc4daf6905e2a9365c04efaed5164f52f1"
      ),
    ])
  func vectors(password: String, salt: String, rounds: Int, expected: String) {
    let key = PBKDF2.sha256(
      password: Array(password.utf8), salt: Array(salt.utf8), rounds: rounds)
    #expect(Hex.encode(key.bytes) == expected)
  }

  @Test func `asking for no rounds is a caller bug`() async {
    await #expect(processExitsWith: .failure) {
      _ = PBKDF2.sha256(password: [], salt: [], rounds: 0)
    }
  }
}

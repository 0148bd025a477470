import HTTPClient
import Testing

@Suite struct HubAddressTests {
  @Test(
    "takes an http or https URL, with a port and a path",
    arguments: [
      "https://hub.example", "http://hub.example/", "HTTP://hub.example:8080/street",
      "http://127.0.0.1:1", "http://[::1]:65535/",
    ])
  func good(address: String) throws {
    _ = try HTTPTransport(hub: address)
  }

  @Test(
    "refuses anything else and says why",
    arguments: [
      ("", .notHTTP), ("hub.example", .notHTTP), ("hub.example:8080", .notHTTP),
      ("ftp://hub.example", .notHTTP), ("file:///etc", .notHTTP),
      ("http://", .noHost), ("https:///v1", .noHost), ("http:hub.example", .noHost),
      ("http://hub example", .malformed), ("http://hub.example:abc", .malformed),
      ("http://hub.example:0", .malformed), ("http://hub.example:65536", .malformed),
      ("http://hub.example/\r\nX: 1", .malformed),
      ("http://user@hub.example", .surplus), ("http://u:p@hub.example", .surplus),
      ("http://hub.example/?a=b", .surplus), ("http://hub.example/#a", .surplus),
    ] as [(String, HubAddressError)])
  func bad(address: String, reason: HubAddressError) {
    #expect(throws: reason) { try HTTPTransport(hub: address) }
  }
}

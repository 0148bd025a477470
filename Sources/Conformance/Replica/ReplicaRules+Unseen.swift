import Community

/// What replicas are held to, and nobody sees from the hub's side or by a driver; each says why.
extension ConformanceRule {
  static let replicaUnseen: [ConformanceRule] = [
    ConformanceRule(
      "sync.2.2.1.a", "街道不认得 former 时，不带它再问一次",
      "A hub that does not know `former` is asked again without it.", untestable: rejoining),
    ConformanceRule(
      "sync.7.3.c", "得到额度后先同步，再花", "Behind `granted` it syncs before it spends.",
      untestable: noVerb),
    ConformanceRule(
      "sync.9.3.d", "街道的记录是别的时，先同步，再接着找",
      "Where the hub's log is another than the request names, it gets in step before it asks on.",
      untestable: Words(
        "检验程序不扮演另一张表的街道", "the runner plays no hub whose tables differ")),
    ConformanceRule(
      "sync.9.5.b", "找到的不同之处留下，并告诉人",
      "What was found to differ is kept, reported, and told.",
      untestable: Words(
        "检验程序不扮演另一张表的街道", "the runner plays no hub whose tables differ")),
    ConformanceRule(
      "sync.10.3.a", "重新入网后，街道没有的记录重新登记",
      "What the hub lacks of a copied PC is recorded again under its new id, and nothing before.",
      untestable: rejoining),
    ConformanceRule(
      "sync.11.2.a", "换密钥只凭人输入的换钥码",
      "A new secret is taken only behind a code that a person typed.",
      untestable: noVerb),
    ConformanceRule(
      "bodies.2.2.a", "不该有的个人信息不留下，删除的不留一个字节",
      "Bodies that it may not have are not kept, and of erased ones no byte is left.",
      untestable: Words(
        "要看副本自己的磁盘", "it takes a look at the replica's own disk")),
    ConformanceRule(
      "versioning.4.5.b", "升级后先重新计算，再登记",
      "A replica of another catalogue than its tables folds its logs anew before it records.",
      untestable: Words(
        "要换一个版本的程序打开同一份数据", "it takes a program of another version at the same data")),
    ConformanceRule(
      "canonical.2.1.b", "别的 CBOR 写法，不收",
      "Any encoding of CBOR but the one that is allowed is refused.",
      untestable: Words(
        "JSON 中没有 CBOR: 看 Fixtures/wire", "no CBOR goes over the line: Fixtures/wire has such bytes"
      )),
    ConformanceRule(
      "bodies.1.1.d", "盐是随机的", "The salts of bodies are random.",
      untestable: Words("随机与否从外面看不出来", "chance cannot be seen from outside: read the program")),
    ConformanceRule(
      "segment.1.3.b", "段的每一种别的写法，不收", "Every other form of a segment is refused.",
      untestable: Words(
        "段只弄坏几个字节: 各种写法看 Fixtures/wire",
        "the runner spoils single bytes only: Fixtures/wire has the form that is right")),
    ConformanceRule(
      "bundle.2.2.b", "文件同步的规则", "What bundle.md asks of those who make and read files.",
      untestable: noVerb),
    ConformanceRule(
      "checkpoint.4.4.a", "从工作集开始的规则",
      "What checkpoint.md asks of an office that begins on a working set.",
      untestable: Words(
        "可以不这样开始，驱动程序也没有这样的问题", "no office need begin so, and the driver has no verb for it")),
  ]

  private static let noVerb = Words("驱动程序没有这样的问题", "the driver has no verb for it")
  private static let rejoining = Words(
    "驱动程序没有重新入网的问题", "the driver has no verb for an office that enrols again")
}

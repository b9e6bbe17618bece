import Testing

/// Expects a text to be what stands in the test, and shows the first line that isn't.
func expect(_ actual: String, is golden: String, _ sourceLocation: SourceLocation = #_sourceLocation) {
    guard actual != golden else { return }
    let lines = actual.split(separator: "\n", omittingEmptySubsequences: false)
    let wanted = golden.split(separator: "\n", omittingEmptySubsequences: false)
    let same = zip(lines, wanted).prefix { $0 == $1 }.count
    let comment: Comment =
        """
        Line \(same + 1) differs.
        is:     \(same < lines.count ? String(lines[same]) : "nothing")
        wanted: \(same < wanted.count ? String(wanted[same]) : "nothing")
        In whole:
        \(actual)
        """
    Issue.record(comment, sourceLocation: sourceLocation)
}

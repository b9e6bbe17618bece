import Drills
import Testing

@Suite struct WriteGapTests {
    struct Row: Sendable {
        var times: [Int]
        var limit: Int
        var gaps: [[Int]]
    }

    /// Times and gaps in milliseconds; a gap as its beginning and its length.
    @Test(arguments: [
        Row(times: [], limit: 50, gaps: []),
        Row(times: [7], limit: 0, gaps: []),
        Row(times: [0, 10, 20], limit: 50, gaps: []),
        Row(times: [0, 50, 100], limit: 50, gaps: []),
        Row(times: [0, 51, 61, 161], limit: 50, gaps: [[0, 51], [61, 100]]),
        Row(times: [5, 5, 6], limit: 0, gaps: [[5, 1]]),
    ])
    func gapsAreLongerThanTheLimit(row: Row) {
        let gaps = WriteGap.list(of: row.times.map { .milliseconds($0) }, longerThan: .milliseconds(row.limit))
        let expected = row.gaps.map { WriteGap(began: .milliseconds($0[0]), length: .milliseconds($0[1])) }
        #expect(gaps == expected)
    }

    @Test func theLongestGapIsTheFirstOfTheLongest() {
        #expect(
            record([0, 10, 40, 50, 80]).longestGap == WriteGap(began: .milliseconds(10), length: .milliseconds(30)))
        #expect(record([3]).longestGap == nil)
    }

    private func record(_ times: [Int]) -> WriteRecord {
        let commits = times.enumerated().map { index, time in
            WriteRecord.Commit(number: index, sent: .zero, acknowledged: .milliseconds(time), server: 0)
        }
        return WriteRecord(run: "", servers: ["one"], commits: commits, refusals: [], duration: .zero)
    }
}

/// How many commits were acknowledged in one part of a time after the other.
package struct WriteSeries: Sendable, Equatable {
    /// The length of each part, in seconds.
    package var bucket: Double
    /// The commits of each part.
    package var commits: [Int]

    /// A series by its parts.
    package init(bucket: Double, commits: [Int]) {
        self.bucket = bucket
        self.commits = commits
    }
}

/// How far nodes were behind the primary at one moment after the other.
package struct LagSeries: Sendable, Equatable {
    /// What one look found.
    package struct Sample: Sendable, Equatable {
        /// When, in seconds since the probe's start.
        package var at: Double
        /// WAL in bytes that each node had not replayed; nil: not known, or it was the primary.
        package var bytes: [UInt64?]

        /// A sample by its parts.
        package init(at: Double, bytes: [UInt64?]) {
            self.at = at
            self.bytes = bytes
        }
    }

    /// The nodes.
    package var nodes: [String]
    /// What the looks found, each with a value for each node.
    package private(set) var samples: [Sample]

    /// A series by its parts.
    package init(nodes: [String] = [], samples: [Sample] = []) {
        self.nodes = nodes
        self.samples = samples
    }

    /// The most samples that are kept of a probe.
    static let most = 200

    /// Adds a look; what is far back is kept more coarsely.
    mutating func add(_ sample: Sample) {
        samples.append(sample)
        if samples.count >= 2 * Self.most { halve() }
    }

    /// The same with as many samples as are kept at most, and only with nodes of which something is known.
    var bounded: LagSeries {
        var series = self
        if series.samples.count > Self.most { series.halve() }
        let known = nodes.indices.filter { node in series.samples.contains { $0.bytes[node] != nil } }
        series.nodes = known.map { nodes[$0] }
        for index in series.samples.indices {
            series.samples[index].bytes = known.map { series.samples[index].bytes[$0] }
        }
        return series
    }

    /// Makes one sample of two: the worst of both.
    private mutating func halve() {
        samples = stride(from: 0, to: samples.count, by: 2).map { index in
            guard index + 1 < samples.count else { return samples[index] }
            let pair = zip(samples[index].bytes, samples[index + 1].bytes)
            return Sample(at: samples[index].at, bytes: pair.map { [$0, $1].compactMap(\.self).max() })
        }
    }
}

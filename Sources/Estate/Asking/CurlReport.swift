package import Essentials

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What curl prints about a request (`--write-out '%{json}'`).
package struct CurlReport: Decodable {
    private var http_code: Int
    private var exitcode: Int?
    private var errormsg: String?
    /// The server's certificates as text, its own first; absent before 7.88.
    private var certs: String?

    /// Reads it.
    /// - Throws: `unexpected_answer` when it is something else.
    package init(_ text: String) throws(Failure) {
        guard let report = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            throw Failure(
                .unexpectedAnswer, "curl does not report what it did", hint: "pgdr needs curl 7.75 or later.")
        }
        self = report
    }

    /// The answer that it tells of.
    ///
    /// A status that arrived counts, also where the rest of the answer was too long or too slow.
    /// - Throws: `connection` when there was none, `timeout` when none came in time.
    package func answer() throws(Failure) -> HTTPAnswer {
        guard http_code > 0 else {
            // Its own words depend on how far it got.
            if exitcode == 28 { throw Failure(.timeout, "no answer in time") }
            throw Failure(.connection, errormsg ?? "curl ended with status \(exitcode ?? -1)")
        }
        return HTTPAnswer(status: http_code, certificateEnd: certs.flatMap { CertificateText.end(in: $0) })
    }
}

/// Certificates as curl describes them, which depends on the TLS library that it was built with.
package enum CertificateText {
    /// When the first of them ends, in seconds since 1970-01-01 UTC; nil when that isn't said.
    package static func end(in text: String) -> Double? {
        let key = "expire date:"
        for line in text.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix(key) {
            return moment(line.dropFirst(key.count))
        }
        return nil
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Dec  9 04:34:44 2026 GMT` by OpenSSL, `2026-12-09 04:34:44 GMT` by GnuTLS and others.
    private static func moment(_ text: Substring) -> Double? {
        let words = text.split(separator: " ")
        guard words.last == "GMT" else { return nil }
        if words.count == 5, let month = months.firstIndex(where: { $0 == words[0] }), let day = Int(words[1]),
            let year = Int(words[3])
        {
            return seconds(year, month + 1, day, words[2])
        }
        guard words.count == 3 else { return nil }
        let date = words[0].split(separator: "-").compactMap { Int($0) }
        return date.count == 3 ? seconds(date[0], date[1], date[2], words[1]) : nil
    }

    private static func seconds(_ year: Int, _ month: Int, _ day: Int, _ time: Substring) -> Double? {
        let parts = time.split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3, (1...12).contains(month), (1...31).contains(day), (1970...9999).contains(year),
            parts.allSatisfy({ (0...60).contains($0) })
        else { return nil }
        return Double(days(year, month, day) * 86_400 + parts[0] * 3600 + parts[1] * 60 + parts[2])
    }

    /// Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March).
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

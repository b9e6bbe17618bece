import Essentials
import Estate
import Testing

@Suite struct CurlTests {
    @Test func optionsOfARequest() {
        let request = CurlRequest(url: "https://h/x", certificateAuthority: "/c", user: "u", password: "p\"\\\n\tw")
        #expect(
            request.configuration(timeout: .milliseconds(1250)) == """
                url = "https://h/x"
                globoff
                silent
                output = "/dev/null"
                max-filesize = 1048576
                max-time = 1.250
                proto = "=http,https"
                noproxy = "*"
                user-agent = "pgdr"
                write-out = "%{json}"
                cacert = "/c"
                user = "u:p\\"\\\\\\n\\tw"

                """)
        let token = CurlRequest(url: "http://h", token: "t\"x").configuration(timeout: .zero)
        #expect(token.contains("header = \"Authorization: Bearer t\\\"x\"\n"))
        #expect(token.contains("max-time = 0.001\n") && !token.contains("user =") && !token.contains("cacert"))
    }

    @Test func aStatusThatArrivedCounts() throws {
        let text = #"{"http_code":200,"exitcode":28,"errormsg":"Operation timed out","certs":""}"#
        #expect(try CurlReport(text).answer() == HTTPAnswer(status: 200))
        let old = #"{"http_code":302}"#
        #expect(try CurlReport(old).answer() == HTTPAnswer(status: 302))
    }

    @Test func curlsOwnWords() {
        let failure = #expect(throws: Failure.self) {
            try CurlReport(#"{"http_code":0,"exitcode":7,"errormsg":"Failed to connect"}"#).answer()
        }
        #expect(failure == Failure(.connection, "Failed to connect"))
        let bare = #expect(throws: Failure.self) { try CurlReport(#"{"http_code":0,"exitcode":7}"#).answer() }
        #expect(bare?.message == "curl ended with status 7")
        #expect(throws: Failure.self) { try CurlReport("curl: option --x: is unknown") }
    }

    @Test(
        arguments: [
            ("Expire date:Dec  9 04:34:44 2026 GMT", 1_796_790_884), ("Expire date:Jan  1 00:00:00 1970 GMT", 0),
            ("Expire date: 2028-02-29 23:59:59 GMT", 1_835_481_599),
            ("Expire date:Mar  1 00:00:00 2100 GMT", 4_107_542_400),
            (
                "Subject:CN = a\nStart date:Nov 29 04:34:44 2026 GMT\nExpire date:Dec  9 04:34:44 2026 GMT\nCert:\n"
                    + "Expire date:Jan  1 00:00:00 1970 GMT", 1_796_790_884
            ),
            ("", nil), ("Expire date:soon", nil), ("Expire date:Foo  9 04:34:44 2026 GMT", nil),
            ("Expire date:Dec  9 04:34 2026 GMT", nil), ("Expire date:Dec  9 04:34:44 2026 CET", nil),
        ] as [(String, Double?)])
    func endOfACertificate(text: String, end: Double?) { #expect(CertificateText.end(in: text) == end) }
}

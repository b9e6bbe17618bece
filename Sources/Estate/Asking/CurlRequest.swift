import Essentials

/// One GET request as curl's options.
package struct CurlRequest: Sendable {
    /// What is requested.
    package var url: String
    /// A file of certificate authorities in place of the system's own.
    package var certificateAuthority: String?
    /// Who asks, with a password.
    package var user: String?
    /// The password.
    package var password: String?
    /// A bearer's token in place of both.
    package var token: String?

    /// A request by its parts.
    package init(
        url: String, certificateAuthority: String? = nil, user: String? = nil, password: String? = nil,
        token: String? = nil
    ) {
        self.url = url
        self.certificateAuthority = certificateAuthority
        self.user = user
        self.password = password
        self.token = token
    }

    /// The options, as curl reads them from a file.
    ///
    /// The answer's body is thrown away; what is printed is curl's report alone.
    package func configuration(timeout: Duration) -> String {
        let milliseconds = max(timeout.millisecondsRoundedUp, 1)
        let seconds = "\(milliseconds / 1000).\(String(1000 + milliseconds % 1000).dropFirst())"
        var lines = [
            "url = \(Self.quoted(url))", "globoff", "silent", "output = \"/dev/null\"", "max-filesize = 1048576",
            "max-time = \(seconds)", "proto = \"=http,https\"", "noproxy = \"*\"", "user-agent = \"pgdr\"",
            "write-out = \"%{json}\"",
        ]
        if let certificateAuthority { lines.append("cacert = \(Self.quoted(certificateAuthority))") }
        if let token {
            lines.append("header = \(Self.quoted("Authorization: Bearer \(token)"))")
        } else if let password {
            lines.append("user = \(Self.quoted("\(user ?? ""):\(password)"))")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A value in quotes, in which curl knows a few escapes.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

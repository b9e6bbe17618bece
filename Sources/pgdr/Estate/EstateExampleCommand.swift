import ArgumentParser
import Estate

struct EstateExampleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "example",
        abstract: "Print a configuration of four servers and all that stands on them.",
        discussion: """
            pgdr estate example > pgdr.yaml
            """)

    func run() { Terminal.print(EstateExample.text.trimmingLastNewline) }
}

extension String {
    fileprivate var trimmingLastNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}

#if os(Linux)
    import ArgumentParser
    import Essentials
    import Lab

    struct LabDownCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "down", abstract: "Stop all servers of the lab and remove its directory.",
            discussion: """
                pgdr lab down
                pgdr lab down --dir /tmp/other

                Works whatever state the lab is in, and removes nothing that isn't a
                lab.
                """)

        @OptionGroup var lab: LabDirectoryOption

        func run() async throws {
            do {
                switch try await Lab.down(lab.dir) {
                case .removed: Terminal.note("The lab in \(lab.dir) is gone.")
                case .nothing: Terminal.note("There is no lab in \(lab.dir).")
                }
            } catch {
                throw CommandFailure(failure: error, status: ExitStatus.refused)
            }
        }
    }
#endif

import Lab
import Testing

extension RealServers.SharedLab {
    @Suite struct InitTests {
        @Test func theFileOfOneNodeCanBeUsed() async throws {
            let lab = try await level()
            try await withDirectory { directory in
                let conninfo = lab.primary.connectionString(as: .monitoring)
                let file = "\(directory)/pgdr.yaml"
                let first = try await Tool.run(["init", conninfo, "--name", "shop"], in: directory)
                #expect(first.status == 0)
                #expect(first.output == "")
                #expect(first.errors.hasPrefix("Wrote pgdr.yaml: primary"), "\(first.errors)")
                #expect(try await Tool.run(["config", "check"], config: file).status == 0)
                let status = try await Tool.run(["status", "--format", "json"], config: file)
                #expect(try decode(StatusDocument.self, status.output).clusters.first?.name == "shop")

                let text = try read(file)
                let again = try await Tool.run(["init", conninfo], in: directory)
                #expect(again.status == 1)
                #expect(
                    again.errors == """
                        pgdr: "pgdr.yaml" exists already
                        HINT: Use --force to replace it, or --output.

                        """)
                #expect(try read(file) == text)
                #expect(try await Tool.run(["init", conninfo, "--force"], in: directory).status == 0)
                #expect(try read(file) != text)

                let printed = try await Tool.run(["init", conninfo, "--name", "shop", "--output", "-"], in: directory)
                #expect(printed.status == 0)
                #expect(printed.output.trimmingSuffix("\n") == text.trimmingSuffix("\n"))
            }
        }

        @Test func aFileThatCannotBeWrittenIsRefused() async throws {
            let lab = try await level()
            let conninfo = lab.primary.connectionString(as: .monitoring)
            let outcome = try await Tool.run(["init", conninfo, "--output", "/nonexistent/pgdr.yaml"])
            #expect(outcome.status == 1)
            #expect(
                outcome.errors.hasPrefix("pgdr: could not write \"/nonexistent/pgdr.yaml\": No such file or directory"),
                "\(outcome.errors)")
        }

        @Test func nobodyThereIsRefused() async throws {
            try await withDirectory { directory in
                let outcome = try await Tool.run(["init", "host=127.0.0.1 port=1 user=pgdr"], in: directory)
                #expect(outcome.status == 1)
                #expect(outcome.errors.hasPrefix("pgdr: no answer from 127.0.0.1, port 1\n"), "\(outcome.errors)")
                #expect(!exists("\(directory)/pgdr.yaml"))
                let garbage = try await Tool.run(["init", "hots=x password=hunter2"], in: directory)
                #expect(garbage.status == 1)
                #expect(garbage.errors.hasPrefix("pgdr: could not parse the connection string"))
                #expect(!garbage.errors.contains("hunter2"))
            }
        }

        /// The primary sees its standbys come from 127.0.0.1; the DR standby listens there too.
        @Test func nodesTellOfEachOther() async throws {
            let lab = try await level()
            let dr = try lab.node("dr")
            try await dr.setParameter("listen_addresses", "\(dr.address),127.0.0.1")
            try await dr.stop()
            try await dr.start()
            _ = try await level()
            for node in [lab.primary, dr] {
                let conninfo = node.connectionString(as: .monitoring)
                let outcome = try await Tool.run(["init", conninfo, "--output", "-"])
                #expect(outcome.status == 0)
                #expect(outcome.output.contains("      primary:\n"), "\(outcome.output)")
                #expect(outcome.output.contains("      dr:\n"), "\(outcome.output)")
                #expect(outcome.output.contains("host=\(lab.primary.address) "), "\(outcome.output)")
                #expect(outcome.errors.contains("NOTE: Which standby is for disaster recovery can't be seen"))
                // It comes from the same address as dr, where only dr listens; the primary tells of it all the same.
                let missing = "NOTE: Standby \"replica\", which connects from 127.0.0.1, was not found"
                #expect(outcome.errors.contains(missing), "\(outcome.errors)")
                #expect(!outcome.errors.contains("\"dr\", which connects"), "\(outcome.errors)")
                try await withDirectory { directory in
                    let file = try write(outcome.output, to: "\(directory)/found.yaml")
                    let status = try await Tool.run(["status", "--format", "json"], config: file)
                    let nodes = try decode(StatusDocument.self, status.output).clusters.first?.nodes
                    #expect(nodes?.map(\.name) == ["primary", "dr"])
                    #expect(nodes?.map(\.kind) == ["primary", "dr"])
                    #expect(nodes?.map(\.role) == ["primary", "standby"])
                }
            }
        }
    }
}

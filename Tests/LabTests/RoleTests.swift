import Essentials
import Lab
import Testing

extension RealServers {
    /// What the roles of `sql/admin_role.sql` and `sql/replication_role.sql` can do, and what they can't.
    @Suite(.serialized) struct RoleTests {
        /// The primary's role goes to dr, the old primary is rewound and follows, and the role comes back.
        @Test(arguments: installations) func rolesMoveInACircleWithoutASuperuser(bin: String?) async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, postgresBin: bin)
            try await Lab.with(options) { lab in
                let old = lab.primary
                let new = try lab.node("dr")
                try await new.psql("SELECT pg_wal_replay_resume(), pg_promote(true, 30);", as: .admin)
                try await old.psql("CREATE TABLE lost AS SELECT FROM generate_series(1, 1000);")
                try await old.psql("CHECKPOINT; SELECT pg_switch_wal();", as: .admin)
                try await old.stop(.immediate)
                try await old.rewind(from: new)
                try await old.follow(new)
                try await old.start()
                try await awaitAnswer("primary", to: streaming, on: new)
                try await awaitAnswer("0", to: "SELECT count(*) FROM pg_class WHERE relname = 'lost'", on: old)

                try await new.stop()
                try await old.psql("SELECT pg_promote(true, 30);", as: .admin)
                try await new.follow(old)
                try await new.start()
                try await awaitAnswer("dr", to: streaming, on: old)
            }
        }

        @Test(arguments: installations) func theAdminRoleActsAndIsNoSuperuser(bin: String?) async throws {
            let options = LabOptions(directory: Lab.temporaryDirectory(), standbys: 1, postgresBin: bin)
            try await Lab.with(options) { lab in
                let (primary, dr) = (lab.primary, try lab.node("dr"))
                try await primary.psql("SELECT pg_create_physical_replication_slot('extra', true);", as: .admin)
                try await primary.psql("SELECT pg_drop_replication_slot('extra');", as: .admin)
                try await primary.psql("ALTER SYSTEM SET synchronous_standby_names = 'dr';", as: .admin)
                try await primary.psql("ALTER SYSTEM RESET synchronous_standby_names;", as: .admin)
                // Detached and attached again, without a restart.
                let conninfo = try await dr.psql("SHOW primary_conninfo;", as: .admin)
                try await dr.psql("ALTER SYSTEM SET primary_conninfo = '';", as: .admin)
                try await dr.psql("SELECT pg_reload_conf();", as: .admin)
                try await awaitAnswer("", to: streaming, on: primary)
                try await dr.psql(
                    "ALTER SYSTEM SET primary_conninfo = :'to'; SELECT pg_reload_conf();", as: .admin,
                    variables: ["to": conninfo])
                try await awaitAnswer("dr", to: streaming, on: primary)
                try await dr.psql("ALTER SYSTEM SET recovery_target_name = '';", as: .admin)
                #expect(try await primary.psql("SELECT count(*) FROM pgdr.timeline_history();", as: .admin) == "0")

                let isSuperuser = try await primary.psql("SHOW is_superuser;", as: .admin) == "on"
                let version = try await primary.psql("SHOW server_version_num;")
                #expect(isSuperuser == version.hasPrefix("14"))
                guard !isSuperuser else { return }
                for statement in [
                    "ALTER SYSTEM SET restore_command = 'false';", "SELECT pg_read_file('PG_VERSION');",
                    "COPY (SELECT 1) TO PROGRAM 'true';", "CREATE ROLE other;",
                ] {
                    await expectFailure("run SQL") { try await primary.psql(statement, as: .admin) }
                }
            }
        }
    }
}

/// Who streams from a node.
private let streaming = "SELECT string_agg(application_name, ',') FROM pg_stat_replication WHERE state = 'streaming'"

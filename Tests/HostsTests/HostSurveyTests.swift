import Configuration
import Essentials
import Hosts
import Postgres
import Replication
import Testing

struct HostSurveyTests {
    private func survey(
        dr: [HostCheck.Finding] = [], primary: [HostCheck.Finding] = [], logins: [HostSurvey.Login] = [],
        certificate: HostSurvey.Certificate? = nil, options: String = ""
    ) throws -> HostSurvey {
        let server = [("options", "/b/postgres \"-D\" \"/srv/pg\"\(options)")]
        let facts = try facts(anyHost + anyDirectory + server)
        return HostSurvey(
            checks: [
                HostCheck(node: "primary", address: "h", facts: facts, findings: primary),
                HostCheck(node: "dr", address: "ann@h", facts: facts, findings: dr),
            ], logins: logins, certificates: certificate.map { ["dr": $0] } ?? [:])
    }

    @Test func saysWhatWasSeen() throws {
        let logins = [
            HostSurvey.Login(from: "primary", to: "dr", refusal: nil),
            HostSurvey.Login(from: "dr", to: "primary", refusal: "no"),
        ]
        let survey = try survey(
            logins: logins, certificate: .good("May 1 2027"), options: " \"-c\" \"config_file=/etc/pg.conf\"")
        let conditions = survey.conditions(of: "dr")
        #expect(
            conditions.map { "\($0.code) \($0.severity) \($0.evidence)" } == [
                "host ok ann@h as \"postgres\"", "other_hosts ok primary", "real_logins ok tried from primary",
                "certificate ok until May 1 2027", "configuration_files ok /etc/pg.conf: its own, never copied",
            ])
    }

    /// The host of a dead primary can't be reached, and that is when somebody has to be promoted.
    @Test func aHostThatCannotBeReachedForbidsNothing() throws {
        let lost = HostCheck.Finding("timeout", .critical, "no answer")
        let conditions = try survey(dr: [lost, .init("disk", .warning, "full")], primary: [lost]).conditions(of: "dr")
        #expect(conditions.map(\.severity) == [.warning, .warning, .unknown])
        #expect(conditions[0].evidence == "no answer (and 1 more)" && conditions[1].evidence == "primary: no answer")
    }

    @Test func aRefusedLoginIsToldInItsWords() throws {
        let words = "FATAL: no pg_hba.conf entry for replication connection"
        let logins = [HostSurvey.Login(from: "primary", to: "dr", refusal: words)]
        let condition = try #require(try survey(logins: logins).conditions(of: "dr").first { $0.code == "real_logins" })
        #expect(condition.severity == .critical && condition.evidence == "primary: \(words)")
    }

    @Test(
        arguments: [
            ("off\n", nil), ("good Nov 27 13:00:00 2027 GMT\n", .ok), ("soon Nov 27 13:00:00 2026 GMT\n", .warning),
            ("expired Nov 1 2026\n", .warning), ("unknown /x: No such file\n", .unknown), ("", nil), ("nonsense", nil),
        ] as [(String, Severity?)])
    func judgesCertificates(answer: String, severity: Severity?) throws {
        let survey = try survey(certificate: HostSurvey.Certificate(answer: answer))
        #expect(survey.conditions(of: "dr").first { $0.code == "certificate" }?.severity == severity)
    }

    @Test func saysNothingWithoutSSH() {
        let checks = [HostCheck(node: "dr", address: nil, facts: nil, findings: [])]
        #expect(HostSurvey(checks: checks, logins: [], certificates: [:]).conditions(of: "dr") == [])
    }
}

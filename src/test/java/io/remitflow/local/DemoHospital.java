package io.remitflow.local;

import io.remitflow.bank.BankAccounts;
import io.remitflow.bank.CsvProfile;
import io.remitflow.billing.InvoiceFilter;
import io.remitflow.billing.InvoiceSetting;
import io.remitflow.billing.InvoiceType;
import io.remitflow.billing.Invoices;
import io.remitflow.billing.NewInvoice;
import io.remitflow.checks.CheckPayers;
import io.remitflow.claims.BillingProvider;
import io.remitflow.claims.CareSetting;
import io.remitflow.claims.Claim;
import io.remitflow.claims.ClaimMdConnections;
import io.remitflow.claims.Claims;
import io.remitflow.claims.Insurances;
import io.remitflow.claims.NewClaim;
import io.remitflow.claims.NewPayer;
import io.remitflow.claims.Payers;
import io.remitflow.claims.SubmissionDetails;
import io.remitflow.claims.Submissions;
import io.remitflow.claims.Subscriber;
import io.remitflow.core.Amounts;
import io.remitflow.core.Ids;
import io.remitflow.identity.BillingSettings.Delivery;
import io.remitflow.identity.CurrentOrganization;
import io.remitflow.identity.CurrentUser;
import io.remitflow.identity.Organization;
import io.remitflow.identity.OrganizationId;
import io.remitflow.identity.Organizations;
import io.remitflow.identity.Person;
import io.remitflow.identity.Role;
import io.remitflow.identity.Users;
import io.remitflow.ledger.StandardAccount;
import io.remitflow.payments.Gateways;
import io.remitflow.payments.NewPayment;
import io.remitflow.payments.Payments;
import io.remitflow.receivables.NewPatientAccount;
import io.remitflow.receivables.PatientAccounts;
import java.net.URI;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.joda.money.CurrencyUnit;
import org.joda.money.Money;
import org.springframework.context.ApplicationContext;

/**
 * Mercy General Hospital: people, payers, patients, claims and card payments that the files in {@code samples} are
 * about. All of it is invented.
 *
 * <p>Loading is safe at every start: each step looks whether it was done before.
 */
public final class DemoHospital {

    public static final String CODE = "mercy";
    public static final String PASSWORD = "demo";
    public static final String CLAIMMD_ACCOUNT_KEY = "demo-claimmd-account-key";

    /** Waits at Claim.MD: the answer to a claim that no sample file answers. */
    static final String CLAIMMD_ERA = """
            ISA*00*          *00*          *ZZ*KEYSTONE       *ZZ*MERCYGENERAL   *261110*0915*^*00501*000000901*0*P*:~
            GS*HP*KEYSTONE*MERCYGENERAL*20261110*0915*901*X*005010X221A1~
            ST*835*0001~
            BPR*I*180*C*ACH*CCP*01*999999992*DA*100200300*1001000002**01*999999992*DA*400500600*20261110~
            TRN*1*KMH26111000901*1001000002~
            DTM*405*20261110~
            N1*PR*KEYSTONE MUTUAL HEALTH~
            N3*200 MARKET STREET~
            N4*HARRISBURG*PA*17101~
            PER*BL*PROVIDER SERVICES*TE*8005550102~
            N1*PE*MERCY GENERAL HOSPITAL*XX*1234567893~
            N3*12 HARBOR ROAD~
            N4*ALBANY*NY*12207~
            REF*TJ*001234567~
            LX*1~
            CLP*MG-1016-2*1*240*180*20*12*2026314000901*22*1~
            NM1*QC*1*HADDAD*SAMIR****MI*KMH400999~
            SVC*HC:20610*240*180**1~
            CAS*CO*45*40~
            CAS*PR*3*20~
            REF*6R*1~
            SE*20*0001~
            GE*1*901~
            IEA*1*000000901~
            """;

    private static final String USERS = """
            clerk      | Carla Reyes     | BILLING_CLERK
            clerk2     | Tom Lindqvist   | BILLING_CLERK
            manager    | Miriam Osei     | BILLING_MANAGER
            manager2   | Jonas Weber     | BILLING_MANAGER
            cfo        | Frances Oduya   | CFO
            accounting | Akira Sato      | ACCOUNTING_STAFF
            admin      | Olga Marin      | ORG_ADMIN
            analyst    | Anil Kapoor     | ANALYST
            """;

    private static final String PAYERS = """
            Riverbend Medicare Services | medicare   | 1001000001
            Keystone Mutual Health      | commercial | 1001000002
            Lakeshore State Medicaid    | medicaid   | 1001000003
            """;

    private static final String ACCOUNTS = """
            MRC-1001 | Rivera   | Ana
            MRC-1002 | Okafor   | Daniel
            MRC-1003 | Lindgren | Karin
            MRC-1004 | Bauer    | Helen
            MRC-1005 | Tanaka   | George
            MRC-1006 | Moretti  | Paul
            MRC-1007 | Adeyemi  | Grace
            MRC-1008 | Novak    | Petr
            MRC-1009 | Hassan   | Leila
            MRC-1010 | Silva    | Marco
            MRC-1011 | Chen     | Wei
            MRC-1012 | Petrov   | Ivan
            MRC-1013 | Walsh    | Nora
            MRC-1014 | Dubois   | Claire
            MRC-1015 | Nakamura | Ken
            MRC-1016 | Haddad   | Samir
            """;

    /** Control number, account, payer, setting, last day of service, and service lines. */
    private static final String CLAIMS = """
            MG-1001-1 | MRC-1001 | 1001000002 | outpatient | 2026-09-08 | 99214:220.00 85025:60.00
            MG-1002-1 | MRC-1002 | 1001000002 | outpatient | 2026-09-09 | 73721:1200.00
            MG-1003-1 | MRC-1003 | 1001000002 | inpatient  | 2026-09-04 | 0120:3600.00 0360:4900.00
            MG-1004-1 | MRC-1004 | 1001000001 | outpatient | 2026-09-10 | 93306:850.00
            MG-1005-1 | MRC-1005 | 1001000001 | outpatient | 2026-09-11 | 99213:150.00 36415:20.00 80053:90.00
            MG-1006-1 | MRC-1006 | 1001000001 | emergency  | 2026-09-07 | 99284:300.00 70450:200.00
            MG-1007-1 | MRC-1007 | 1001000001 | inpatient  | 2026-09-05 | 0120:1000.00
            MG-1008-1 | MRC-1008 | 1001000002 | outpatient | 2026-09-14 | 29881:500.00
            MG-1009-1 | MRC-1009 | 1001000002 | outpatient | 2026-09-16 | 45378:1450.00
            MG-1010-1 | MRC-1010 | 1001000002 | outpatient | 2026-09-17 | 99204:320.00
            MG-1011-1 | MRC-1011 | 1001000002 | inpatient  | 2026-09-15 | 0120:9000.00 0360:15000.00
            MG-1012-1 | MRC-1012 | 1001000003 | outpatient | 2026-09-18 | 99213:140.00
            MG-1013-1 | MRC-1013 | 1001000003 | outpatient | 2026-09-21 | 97110:130.00
            """;

    /** Not in the samples: something of every age on the receivables pages. Days of service before today. */
    private static final String OLDER_CLAIMS = """
            MG-1014-1 | MRC-1014 | 1001000002 | outpatient | 20  | 99215:310.00
            MG-1015-1 | MRC-1015 | 1001000001 | outpatient | 45  | 71046:180.00
            MG-1015-2 | MRC-1015 | 1001000001 | emergency  | 75  | 99283:640.00
            MG-1016-1 | MRC-1016 | 1001000002 | outpatient | 100 | 72148:1350.00
            MG-1016-2 | MRC-1016 | 1001000002 | outpatient | 200 | 20610:240.00
            """;

    /** Paid at the desk on the day of service, by estimate: account, claim, day, amount, last digits of the card. */
    private static final String CARD_PAYMENTS = """
            MRC-1008 | MG-1008-1 | 2026-09-14 | 75.00   | 4242
            MRC-1009 | MG-1009-1 | 2026-09-16 | 250.00  | 4242
            MRC-1010 | MG-1010-1 | 2026-09-17 | 100.00  | 1881
            MRC-1011 | MG-1011-1 | 2026-09-10 | 6000.00 | 0005
            """;

    /** Invoices to patients without insurance: account, days before today, amount. */
    private static final String SELF_PAY = """
            MRC-1014 | 12  | 95.00
            MRC-1015 | 52  | 60.00
            MRC-1016 | 130 | 210.00
            """;

    /** Facilities that are billed by the week and pay by check. */
    private static final String FACILITIES = """
            FAC-2001 | The Enclave at Rye
            FAC-2002 | The Enclave at Port Chester
            FAC-2003 | Maplewood Gardens
            """;

    /** What samples/checks pays: facility, last day of the week, amount. */
    private static final String WEEKS = """
            FAC-2001 | 2026-11-07 | 1240.00
            FAC-2001 | 2026-11-14 | 1310.50
            FAC-2002 | 2026-11-07 | 860.00
            FAC-2003 | 2026-10-31 | 640.00
            FAC-2003 | 2026-11-14 | 640.00
            """;

    private final Organizations organizations;
    private final Users users;
    private final BankAccounts banks;
    private final Payers payers;
    private final PatientAccounts accounts;
    private final Claims claims;
    private final Insurances insurances;
    private final Payments payments;
    private final ClaimMdConnections claimMd;
    private final Submissions submissions;
    private final Invoices invoices;
    private final CheckPayers checkPayers;

    private DemoHospital(ApplicationContext context) {
        this.organizations = context.getBean(Organizations.class);
        this.users = context.getBean(Users.class);
        this.banks = context.getBean(BankAccounts.class);
        this.payers = context.getBean(Payers.class);
        this.accounts = context.getBean(PatientAccounts.class);
        this.claims = context.getBean(Claims.class);
        this.insurances = context.getBean(Insurances.class);
        this.payments = context.getBean(Payments.class);
        this.submissions = context.getBean(Submissions.class);
        this.claimMd = context.getBean(ClaimMdConnections.class);
        this.invoices = context.getBean(Invoices.class);
        this.checkPayers = context.getBean(CheckPayers.class);
    }

    public static OrganizationId load(ApplicationContext context) {
        return load(context, CODE);
    }

    /** The same hospital under another code, for a test that wants it to itself. */
    public static OrganizationId load(ApplicationContext context, String code) {
        return new DemoHospital(context).load(code);
    }

    /** For the local run, where Stripe's stand-in listens: a card payment that can be refunded through it. */
    static void addStripePayment(ApplicationContext context, URI stripe, String transaction) {
        var demo = new DemoHospital(context);
        var hospital = demo.organizations.byCode(CODE).orElseThrow().id();
        var gateways = context.getBean(Gateways.class);
        CurrentOrganization.run(hospital, () -> {
            if (gateways.registered().stream()
                    .noneMatch(known -> known.provider().equals(Gateways.STRIPE))) {
                gateways.register(
                        Gateways.STRIPE, "Stripe", stripe, StripeStandIn.API_KEY, StripeStandIn.WEBHOOK_SECRET, true);
                demo.payments.record(NewPayment.card(
                        demo.account("MRC-1014"),
                        demo.claims.byControlNumber("MG-1014-1").orElseThrow().id(),
                        demo.organizations.today(),
                        usd("45.00"),
                        "4242",
                        Gateways.STRIPE,
                        transaction));
            }
        });
    }

    private OrganizationId load(String code) {
        var id = organizations
                .byCode(code)
                .map(Organization::id)
                .orElseGet(() -> organizations.create(
                        code, "Mercy General Hospital", ZoneId.of("America/New_York"), CurrencyUnit.USD));
        CurrentOrganization.run(id, () -> {
            addUsers();
            each(PAYERS, this::addPayer);
            each(ACCOUNTS, this::openAccount);
            each(CLAIMS, row -> submit(row, LocalDate.parse(row.get(4))));
            each(OLDER_CLAIMS, row -> submit(row, daysAgo(row.get(4))));
            each(CARD_PAYMENTS, this::pay);
            each(SELF_PAY, this::invoicePatient);
            openBankAccount();
            if (accounts.byNumber("FAC-2001").isEmpty()) {
                each(FACILITIES, this::openFacility);
                each(WEEKS, this::invoiceWeek);
                checkPayers.add("The Enclave at Port Chester", false, Set.of(account("FAC-2001")));
                checkPayers.add("New Premier*", true, Set.of());
            }
            if (!claimMd.connected()) {
                claimMd.connect(CLAIMMD_ACCOUNT_KEY, null);
                prepareClaims();
            }
        });
        return id;
    }

    private void addUsers() {
        var known = users.all().stream().map(Person::username).collect(Collectors.toSet());
        each(USERS, row -> {
            if (!known.contains(row.get(0))) {
                users.create(row.get(0), row.get(1), PASSWORD, Set.of(Role.valueOf(row.get(2))));
            }
        });
    }

    /** The account that the files in samples/bank are about, with the layout of its bank's CSV. */
    private void openBankAccount() {
        if (!banks.list().isEmpty()) {
            return;
        }
        var accountant = users.all().stream()
                .filter(person -> person.roles().contains(Role.ACCOUNTING_STAFF))
                .findFirst()
                .orElseThrow();
        CurrentUser.run(accountant.id(), () -> {
            var account = banks.open(new BankAccounts.NewBankAccount(
                    "Operating", "First Bank", "400500600", "checking", StandardAccount.CASH_OPERATING.code()));
            banks.saveProfile(new CsvProfile(
                    Ids.next(),
                    account,
                    "Portal",
                    ',',
                    "UTF-8",
                    List.of("Date", "Description", "Check", "Amount", "Balance"),
                    false,
                    "MM/dd/yyyy",
                    false,
                    "Date",
                    null,
                    "Amount",
                    null,
                    null,
                    null,
                    null,
                    null,
                    "Balance",
                    null,
                    "Check",
                    null,
                    List.of("Description"),
                    "USD"));
        });
    }

    private void addPayer(List<String> row) {
        if (payers.byRemitIdentifier(row.get(2)).isEmpty()) {
            payers.create(new NewPayer(row.get(0), row.get(1), row.get(2)));
        }
    }

    private void openAccount(List<String> row) {
        if (accounts.byNumber(row.get(0)).isEmpty()) {
            accounts.open(new NewPatientAccount(
                    "demo-patient-" + row.get(0).substring(4), row.get(0), row.get(1), row.get(2), null, null));
        }
    }

    private void openFacility(List<String> row) {
        accounts.open(new NewPatientAccount(
                "demo-facility-" + row.get(0).substring(4), row.get(0), row.get(1), null, null, null));
    }

    private void invoiceWeek(List<String> row) {
        LocalDate end = LocalDate.parse(row.get(1));
        UUID invoice = invoices.draft(new NewInvoice(
                account(row.get(0)),
                InvoiceType.INSTITUTIONAL,
                InvoiceSetting.OUTPATIENT,
                null,
                end.plusDays(2),
                null,
                null,
                List.of(new NewInvoice.Line(end, "Therapy staff, one week", null, 1, usd(row.get(2)), null))));
        invoices.send(invoice, Delivery.MAIL);
    }

    private void submit(List<String> row, LocalDate service) {
        if (claims.byControlNumber(row.get(0)).isEmpty()) {
            claims.create(new NewClaim(
                    account(row.get(1)),
                    payers.byRemitIdentifier(row.get(2)).orElseThrow().id(),
                    row.get(0),
                    CareSetting.valueOf(row.get(3).toUpperCase(Locale.ROOT)),
                    service.plusDays(3),
                    Arrays.stream(row.get(5).split(" "))
                            .map(line -> line(line, service))
                            .toList()));
        }
    }

    /** Four digits with a leading zero are a revenue code, everything else is a procedure. */
    private static NewClaim.Line line(String text, LocalDate service) {
        String code = text.substring(0, text.indexOf(':'));
        Money charged = usd(text.substring(code.length() + 1));
        return code.startsWith("0")
                ? NewClaim.Line.revenue(code, service, charged)
                : NewClaim.Line.procedure(code, service, charged);
    }

    private void pay(List<String> row) {
        payments.record(NewPayment.card(
                account(row.get(0)),
                claims.byControlNumber(row.get(1)).orElseThrow().id(),
                LocalDate.parse(row.get(2)),
                usd(row.get(3)),
                row.get(4),
                "sandbox",
                "ch_demo_" + row.get(1).toLowerCase(Locale.ROOT)));
    }

    /** Two claims that only wait for somebody to send them, and a patient with a secondary insurance. */
    private void prepareClaims() {
        submissions.setProvider(new BillingProvider(
                "Mercy General Hospital",
                "1234567893",
                "001234567",
                "282N00000X",
                "12 Harbor Road",
                "Albany",
                "NY",
                "122070000",
                "Billing Office",
                "5185550100"));
        for (String number : List.of("MG-1014-1", "MG-1015-1")) {
            Claim claim = claims.byControlNumber(number).orElseThrow();
            submissions.setRoute(claim.payerId(), "DEMO" + number.substring(3, 7));
            insure(claim.accountId(), claim.payerId());
            submissions.prepare(claim.id(), SubmissionDetails.professional("22", "Z0000"));
        }
        Claim secondary = claims.byControlNumber("MG-1016-2").orElseThrow();
        UUID medicaid = payers.byRemitIdentifier("1001000003").orElseThrow().id();
        submissions.setRoute(medicaid, "DEMO1003");
        insure(secondary.accountId(), secondary.payerId());
        insure(secondary.accountId(), medicaid);
    }

    private void insure(UUID accountId, UUID payerId) {
        var account = accounts.get(accountId);
        insurances.record(
                accountId,
                payerId,
                null,
                new Subscriber(
                        account.number().replace("MRC-", "DEMO"),
                        null,
                        account.familyName() == null ? "Demo" : account.familyName(),
                        account.givenName() == null ? "Patient" : account.givenName(),
                        LocalDate.of(1975, 5, 17),
                        "U",
                        "1 Harbor Road",
                        "Albany",
                        "NY",
                        "12207"));
    }

    private void invoicePatient(List<String> row) {
        UUID account = account(row.get(0));
        if (!invoices.list(InvoiceFilter.ofAccount(account)).isEmpty()) {
            return;
        }
        LocalDate date = daysAgo(row.get(1));
        invoices.send(
                invoices.draft(new NewInvoice(
                        account,
                        InvoiceType.SELF_PAY,
                        InvoiceSetting.OUTPATIENT,
                        null,
                        date,
                        null,
                        null,
                        List.of(new NewInvoice.Line(date, "Outpatient visit", "99213", 1, usd(row.get(2)), null)))),
                Delivery.MAIL);
    }

    private UUID account(String number) {
        return accounts.byNumber(number).orElseThrow().id();
    }

    private LocalDate daysAgo(String days) {
        return organizations.today().minusDays(Long.parseLong(days));
    }

    private static Money usd(String amount) {
        return Amounts.parse(amount, "USD");
    }

    private static void each(String table, Consumer<List<String>> row) {
        table.lines()
                .map(line -> Arrays.stream(line.split("\\|")).map(String::strip).toList())
                .forEach(row);
    }
}

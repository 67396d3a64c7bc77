package io.remitflow.bank.feed;

import java.math.BigDecimal;

/** A CAMT.053 of one statement that opens with zero. */
final class CamtText {

    private CamtText() {}

    static String of(String entries, String closingMinor) {
        long closing = Long.parseLong(closingMinor);
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
                <GrpHdr><MsgId>M1</MsgId></GrpHdr>
                <Stmt><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb>
                <Acct><Id><Othr><Id>0123456789</Id></Othr></Id><Ccy>USD</Ccy></Acct>
                <Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>
                <Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>
                %s
                </Stmt></BkToCstmrStmt></Document>
                """.formatted(
                BigDecimal.valueOf(Math.abs(closing), 2).toPlainString(), closing < 0 ? "DBIT" : "CRDT", entries);
    }

    static String entry(String amount, String direction, String status, String more) {
        return """
                <Ntry><Amt Ccy="USD">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts>%s</Sts><BookgDt><Dt>2026-03-02</Dt></BookgDt>%s</Ntry>
                """.formatted(amount, direction, status, more);
    }
}

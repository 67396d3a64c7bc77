package io.remitflow.bank.feed;

/** An OFX of one movement, in both of its notations. */
final class OfxText {

    private OfxText() {}

    static String sgml(String amount, String date) {
        return """
                OFXHEADER:100
                DATA:OFXSGML
                VERSION:102
                CHARSET:1252

                <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1<ACCTID>0123456789<ACCTTYPE>CHECKING</BANKACCTFROM>
                <BANKTRANLIST><DTSTART>20260301<DTEND>20260302
                <STMTTRN><TRNTYPE>CREDIT<DTPOSTED>%s<TRNAMT>%s<FITID>F1<NAME>A &amp; B Clinic</STMTTRN>
                </BANKTRANLIST><LEDGERBAL><BALAMT>12.50<DTASOF>20260302</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
                """.formatted(date, amount);
    }

    static String xml(String amount, String date) {
        return """
                <?xml version="1.0" encoding="UTF-8"?>
                <?OFX OFXHEADER="200" VERSION="211" SECURITY="NONE" OLDFILEUID="NONE" NEWFILEUID="NONE"?>
                <OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD</CURDEF>
                <BANKACCTFROM><BANKID>1</BANKID><ACCTID>0123456789</ACCTID><ACCTTYPE>CHECKING</ACCTTYPE></BANKACCTFROM>
                <BANKTRANLIST><DTSTART>20260301</DTSTART><DTEND>20260302</DTEND>
                <STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>%s</DTPOSTED><TRNAMT>%s</TRNAMT><FITID>F1</FITID><NAME>A &amp; B Clinic</NAME></STMTTRN>
                </BANKTRANLIST><LEDGERBAL><BALAMT>12.50</BALAMT><DTASOF>20260302</DTASOF></LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
                """.formatted(date, amount);
    }
}

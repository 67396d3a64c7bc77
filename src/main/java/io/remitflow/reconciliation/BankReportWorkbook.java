package io.remitflow.reconciliation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.List;
import org.apache.poi.ss.usermodel.BorderStyle;
import org.apache.poi.ss.usermodel.CellStyle;
import org.apache.poi.ss.usermodel.Font;
import org.apache.poi.ss.usermodel.HorizontalAlignment;
import org.apache.poi.ss.util.WorkbookUtil;
import org.apache.poi.xssf.usermodel.XSSFCell;
import org.apache.poi.xssf.usermodel.XSSFRow;
import org.apache.poi.xssf.usermodel.XSSFSheet;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.joda.money.Money;
import org.openxmlformats.schemas.spreadsheetml.x2006.main.STCellType;

/** Writes a report down as a workbook, a sheet for each table; amounts are numbers, texts are never formulas. */
final class BankReportWorkbook {

    /** In 256ths of a character, which is how a workbook counts. */
    private static final int CHARACTER = 256;

    private final XSSFWorkbook workbook;
    private final CellStyle bold;
    private final CellStyle head;
    private final CellStyle headRight;
    private final CellStyle amount;
    private final CellStyle total;
    private final CellStyle date;

    private BankReportWorkbook(XSSFWorkbook workbook, String amountFormat) {
        this.workbook = workbook;
        Font strong = workbook.createFont();
        strong.setBold(true);
        bold = workbook.createCellStyle();
        bold.setFont(strong);
        head = workbook.createCellStyle();
        head.cloneStyleFrom(bold);
        head.setBorderBottom(BorderStyle.THIN);
        headRight = workbook.createCellStyle();
        headRight.cloneStyleFrom(head);
        headRight.setAlignment(HorizontalAlignment.RIGHT);
        short format = workbook.createDataFormat().getFormat(amountFormat);
        amount = workbook.createCellStyle();
        amount.setDataFormat(format);
        total = workbook.createCellStyle();
        total.cloneStyleFrom(bold);
        total.setDataFormat(format);
        total.setBorderTop(BorderStyle.THIN);
        date = workbook.createCellStyle();
        date.setDataFormat(workbook.createDataFormat().getFormat("yyyy-mm-dd"));
    }

    static byte[] of(BankReport report, int decimals) {
        try (XSSFWorkbook workbook = new XSSFWorkbook();
                var bytes = new ByteArrayOutputStream()) {
            new BankReportWorkbook(workbook, decimals == 0 ? "#,##0" : "#,##0." + "0".repeat(decimals)).write(report);
            workbook.write(bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(BankReport report) {
        XSSFSheet first = workbook.createSheet("Reconciliation");
        int line = 0;
        text(first.createRow(line++), 0, report.title(), bold);
        for (String fact : report.facts()) {
            text(first.createRow(line++), 0, fact, null);
        }
        table(first, line + 1, report.tables().getFirst());
        for (BankReport.Table table : report.tables().subList(1, report.tables().size())) {
            table(workbook.createSheet(WorkbookUtil.createSafeSheetName(table.title())), 0, table);
        }
    }

    private void table(XSSFSheet sheet, int from, BankReport.Table table) {
        int line = from;
        if (from > 0) {
            text(sheet.createRow(line++), 0, table.title(), bold);
        }
        boolean[] right = new boolean[table.columns().size()];
        if (!table.rows().isEmpty()) {
            List<Object> cells = table.rows().getFirst().cells();
            for (int i = 0; i < cells.size(); i++) {
                right[i] = cells.get(i) instanceof Money;
            }
        }
        XSSFRow titles = sheet.createRow(line++);
        for (int i = 0; i < table.columns().size(); i++) {
            text(titles, i, table.columns().get(i), right[i] ? headRight : head);
            sheet.setColumnWidth(i, (right[i] ? 18 : table.columns().get(i).equals("Date") ? 12 : 38) * CHARACTER);
        }
        if (table.rows().isEmpty()) {
            text(sheet.createRow(line), 0, "None", null);
        }
        for (BankReport.Row row : table.rows()) {
            XSSFRow cells = sheet.createRow(line++);
            for (int i = 0; i < row.cells().size(); i++) {
                cell(cells, i, row.cells().get(i), row.total());
            }
        }
    }

    private void cell(XSSFRow row, int column, Object value, boolean sum) {
        switch (value) {
            case Money money -> {
                XSSFCell cell = row.createCell(column);
                // As written digits: the library's own way takes a floating point number.
                cell.getCTCell().setT(STCellType.N);
                cell.getCTCell().setV(money.getAmount().toPlainString());
                cell.setCellStyle(sum ? total : amount);
            }
            case LocalDate day -> {
                XSSFCell cell = row.createCell(column);
                cell.setCellValue(day);
                cell.setCellStyle(date);
            }
            default -> text(row, column, String.valueOf(value), sum ? bold : null);
        }
    }

    private static void text(
            XSSFRow row, int column, String words, @org.jspecify.annotations.Nullable CellStyle style) {
        XSSFCell cell = row.createCell(column);
        cell.setCellValue(words);
        if (style != null) {
            cell.setCellStyle(style);
        }
    }
}

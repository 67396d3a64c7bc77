package io.remitflow.bank;

/**
 * Receives a statement file while it is read, one line at a time. Until the reader returns nothing may be published: the
 * file may yet turn out to be broken.
 */
public interface StatementHandler {

    void opened(StatementHeader header);

    void line(StatementLine line);

    void closed(StatementClosing closing);
}

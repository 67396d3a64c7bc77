package io.remitflow.billing;

import org.joda.money.Money;

/** What is due of the invoices in one status; overdue ones are counted as overdue. */
public record InvoiceTotal(InvoiceStatus status, long count, Money due) {}

-- A gap is looked for when statements are read: the statement that closes it may come after the one that showed it.
alter table accounting_bank_statements drop column finding;

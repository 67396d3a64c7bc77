package io.remitflow.identity;

import java.time.ZoneId;
import org.joda.money.CurrencyUnit;

/** A hospital: whose books, people and rules these are. The code is what people type, for example after the @. */
public record Organization(OrganizationId id, String code, String name, ZoneId timeZone, CurrencyUnit currency) {}

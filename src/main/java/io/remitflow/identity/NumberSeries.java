package io.remitflow.identity;

import java.util.List;
import java.util.stream.LongStream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * Numbers that people quote, such as {@code RF-2026-000123}: one gap-free series per organization, prefix and year.
 *
 * <p>The counter row stays locked until the caller's transaction ends, so a rolled-back transaction leaves no gap. Take
 * the number as late in the transaction as possible.
 */
@Component
public class NumberSeries {

    private final JdbcClient jdbc;
    private final Organizations organizations;

    NumberSeries(JdbcClient jdbc, Organizations organizations) {
        this.jdbc = jdbc;
        this.organizations = organizations;
    }

    /** Of the year that it is in the organization's own time zone. */
    @Transactional(propagation = Propagation.MANDATORY)
    public String next(String prefix) {
        return next(prefix, organizations.today().getYear());
    }

    @Transactional(propagation = Propagation.MANDATORY)
    public String next(String prefix, int year) {
        return next(prefix, year, 1).getFirst();
    }

    /** So many numbers in a row, in one step. */
    @Transactional(propagation = Propagation.MANDATORY)
    public List<String> next(String prefix, int year, int count) {
        long last = jdbc.sql("""
                        insert into number_series (org_id, prefix, year, last_number)
                        values (:org, :prefix, :year, :count)
                        on conflict (org_id, prefix, year)
                            do update set last_number = number_series.last_number + :count
                        returning last_number
                        """)
                .param("org", CurrentOrganization.id().value())
                .param("prefix", prefix)
                .param("year", year)
                .param("count", count)
                .query(Long.class)
                .single();
        return LongStream.rangeClosed(last - count + 1, last)
                .mapToObj(number -> "%s-%d-%06d".formatted(prefix, year, number))
                .toList();
    }
}

package io.remitflow;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import sun.misc.Signal;

/** The one application: processes, books and files of a hospital's finance office. */
@SpringBootApplication
public class Remitflow {

    public static void main(String[] args) {
        // Asked to stop, we finish what is under way and end well: the code of a killed process would look like a
        // failure.
        Signal.handle(new Signal("TERM"), asked -> System.exit(0));
        SpringApplication.run(Remitflow.class, args);
    }
}

package io.remitflow;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The one application: processes, books and files of a hospital's finance office. */
@SpringBootApplication
public class Remitflow {

    public static void main(String[] args) {
        SpringApplication.run(Remitflow.class, args);
    }
}

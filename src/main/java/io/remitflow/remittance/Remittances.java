package io.remitflow.remittance;

import io.remitflow.intake.IntakeFiles;
import java.io.InputStream;
import java.util.UUID;
import org.springframework.stereotype.Service;

/** Remittance files of payers, from their arrival to the books. */
@Service
public class Remittances {

    private final IntakeFiles files;

    Remittances(IntakeFiles files) {
        this.files = files;
    }

    /** Stores the file and posts what it says; a file already known changes nothing. */
    public Receipt receive(String source, String originalName, InputStream bytes) {
        throw new UnsupportedOperationException();
    }

    /** Posts a stored file; goes on where an interrupted run stopped. */
    public Receipt process(UUID fileId) {
        throw new UnsupportedOperationException();
    }
}

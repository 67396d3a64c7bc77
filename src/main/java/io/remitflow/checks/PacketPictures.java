package io.remitflow.checks;

/** Pages of a packet as pictures, for readers that look at them. */
public final class PacketPictures {

    private PacketPictures() {}

    /**
     * Smaller where it has to be.
     *
     * @param page from 1
     */
    public static byte[] jpeg(PacketContent packet, int page, int mostBytes) {
        return PacketInspection.jpeg(packet, page, mostBytes);
    }

    /** @param page from 1 */
    public static byte[] png(PacketContent packet, int page) {
        return PacketInspection.png(packet, page);
    }
}

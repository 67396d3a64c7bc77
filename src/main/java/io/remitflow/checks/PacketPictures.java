package io.remitflow.checks;

/** Pages of a packet as pictures, for readers that look at them. */
public final class PacketPictures {

    private PacketPictures() {}

    /** @param page from 1 */
    public static byte[] png(PacketContent packet, int page) {
        return PacketInspection.png(packet, page);
    }
}

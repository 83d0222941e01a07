import NIOCore
import WorkerProtocol

/// ``Frame``s on a NIO channel.
final class FrameCodec: ByteToMessageDecoder, MessageToByteEncoder {
    typealias InboundOut = Frame
    typealias OutboundIn = Frame

    func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let header = buffer.getBytes(at: buffer.readerIndex, length: Frame.headerLength) else { return .needMoreData }
        guard let kind = Frame.Kind(rawValue: header[0]) else { throw FrameDecoder.Failure.unknownKind(header[0]) }
        let length = header[1...].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Frame.maximumPayload else { throw FrameDecoder.Failure.tooLong(length) }
        guard buffer.readableBytes >= Frame.headerLength + length else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: Frame.headerLength)
        guard let payload = buffer.readBytes(length: length) else { return .needMoreData }
        context.fireChannelRead(wrapInboundOut(Frame(kind: kind, payload: payload)))
        return .continue
    }

    func encode(data: Frame, out: inout ByteBuffer) throws {
        out.writeBytes(data.encoded)
    }
}

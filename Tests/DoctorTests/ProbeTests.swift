import Glibc
import Testing

@testable import Doctor

@Suite struct ProbeTests {
    private static let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   990        0 1001 1 0 100 0 0 10 0
           1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1002 1 0 100 0 0 10 0
           2: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000   990        0 1003 1 0 100 0 0 10 0
        """
    private static let tcp6 = """
          sl  local_address                         remote_address                        st tx rx tr tm->when retrnsmt   uid  timeout inode
           0: 00000000000000000000000000000000:1F91 00000000000000000000000000000000:0000 0A 0:0 0:0 0 990 0 1004 1
           1: 00000000000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A 0:0 0:0 0 990 0 1005 1
           2: 0000000000000000FFFF00000100007F:1F93 00000000000000000000000000000000:0000 0A 0:0 0:0 0 990 0 1006 1
           3: B80D0120000000000000000001000000:1F94 00000000000000000000000000000000:0000 0A 0:0 0:0 0 990 0 1007 1
        """

    @Test func theKernelsTables() {
        let own: Set<UInt64> = [1001, 1003, 1004, 1005, 1006, 1007]
        #expect(BoundSocket.parse(Self.tcp, kind: .tcp, inodes: own).map(\.description) == ["tcp 127.0.0.1:8080"])
        #expect(
            BoundSocket.parse(Self.tcp6, kind: .tcp, inodes: own).map(\.description)
                == ["tcp [::]:8081", "tcp [::1]:8082", "tcp 127.0.0.1:8083", "tcp [2001:db8:0:0:0:0:0:1]:8084"])
        for broken in [
            "", "x\n", "h\n a b c 0A e f g h i 1001", "h\n 0: 01:ZZ 0:0 0A 0 0 0 0 0 1001", "h\n 0: ZZZZZZZZ:1 0 0A 0 0 0 0 0 1001",
        ] {
            #expect(BoundSocket.parse(broken, kind: .tcp, inodes: own).isEmpty)
        }
    }

    @Test func limits() {
        let text =
            "Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        1                    unlimited            bytes     \n"
        #expect(CoreLimit(limits: text) == CoreLimit(soft: "1", hard: "unlimited"))
        #expect(CoreLimit(limits: "") == nil && CoreLimit(limits: "Max core file size 1") == nil)
        #expect(CoreLimit(soft: "0", hard: "1").isSafe && !CoreLimit(soft: "2", hard: "2").isSafe)
    }

    @Test func fileSystems() {
        let mounts = """
            25 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
            30 25 0:26 / /dev/shm rw,nosuid - tmpfs tmpfs rw
            31 25 7:300 / /x rw - ramfs none rw
            """
        func device(_ major: UInt64, _ minor: UInt64) -> UInt64 { (minor & 0xFF) | (major << 8) | ((minor >> 8) << 20) }
        #expect(FilePlace.fileSystem(of: device(254, 1), mounts: mounts) == "ext4")
        #expect(FilePlace.fileSystem(of: device(0, 26), mounts: mounts) == "tmpfs")
        #expect(FilePlace.fileSystem(of: device(7, 300), mounts: mounts) == "ramfs")
        #expect(FilePlace.fileSystem(of: device(9, 9), mounts: mounts).isEmpty)
        #expect(FilePlace(path: "/absent") == nil)
    }

    /// This process, which the test knows.
    @Test func itself() throws {
        let probe = ProcessProbe(id: getpid())
        #expect(try #require(probe.startedTicks) > 0)
        #expect(try #require(ProcessProbe.bootID).count == 36)
        guard case .value = probe.coreLimit else { return #expect(Bool(false)) }
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                #expect(bind(listener, pointer, size) == 0 && listen(listener, 1) == 0 && getsockname(listener, pointer, &size) == 0)
            }
        }
        guard case .value(let sockets) = probe.sockets else { return #expect(Bool(false)) }
        #expect(sockets.contains(BoundSocket(kind: .tcp, address: "127.0.0.1", port: Int(in_port_t(bigEndian: address.sin_port)))))
        guard case .value(let names) = probe.environment(having: ["PATH", "NO_SUCH_NAME"]) else { return #expect(Bool(false)) }
        #expect(names == ["PATH"])
        let nobody = ProcessProbe(id: Int32.max)
        #expect(nobody.startedTicks == nil)
        guard case .unknown = nobody.sockets, case .unknown = nobody.coreLimit, case .unknown = nobody.environment(having: []) else {
            return #expect(Bool(false))
        }
    }

    @Test func hosts() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"] { #expect(HostName.isLoopback(host)) }
        for host in ["", "0.0.0.0", "::", "fax.example.org", "128.0.0.1", "localhost.example.org"] { #expect(!HostName.isLoopback(host)) }
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            #expect(HostName.isPublicAddress(address))
        }
        for address in [
            "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.1.1", "100.64.0.1", "127.0.0.1", "::1", "fd00::1", "fe80::1", "name",
            "::ffff:10.0.0.1",
        ] {
            #expect(!HostName.isPublicAddress(address), "\(address)")
        }
        #expect(HostName.host(ofURL: "https://fax.example.org:8443/x?y") == "fax.example.org")
        #expect(HostName.host(ofURL: "http://[::1]:80/") == "::1" && HostName.port(ofURL: "http://[::1]:81/") == 81)
        #expect(
            HostName.port(ofURL: "https://a/") == 443 && HostName.port(ofURL: "http://a") == 80 && HostName.port(ofURL: "http://a:x") == nil
        )
    }
}

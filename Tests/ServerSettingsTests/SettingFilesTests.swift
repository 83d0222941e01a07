import ServerSettings
import Testing

@Suite struct SettingFilesTests {
    @Test func readsFilesAndNothingElse() {
        let files = SettingFiles.live
        #expect(files.readFile("/proc/self/cmdline")?.isEmpty == false, "a file without a size")
        #expect(files.readFile("/dev/null") == [])
        #expect(files.readFile("/dev/zero") == nil, "no end")
        #expect(files.readFile("/") == nil, "a folder")
        #expect(files.readFile("/no/such/file") == nil)
    }

    @Test func foldersAndUnknownNamesAreNoTimeZones() {
        #expect(!SettingFiles.live.hasTimeZone("America"))
        #expect(!SettingFiles.live.hasTimeZone("No/Such_Zone"))
    }
}

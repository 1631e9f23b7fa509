namespace Llama2.Templating.Characters;

/// <summary>
/// Letters whose change of case is not covered by Unicode's simple mapping from letter to letter, which is the only mapping that the runtime
/// implements. They are the unconditional entries of SpecialCasing.txt and the title-case letters of UnicodeData.txt.
/// </summary>
internal static class SpecialCase
{
    private const char Iota = '\u0399';

    private static readonly Dictionary<int, string> s_upper = new()
    {
        [0x00DF] = "SS",
        [0x0131] = "I",
        [0x0149] = "\u02BCN",
        [0x017F] = "S",
        [0x01F0] = "J\u030C",
        [0x0390] = "\u0399\u0308\u0301",
        [0x03B0] = "\u03A5\u0308\u0301",
        [0x0587] = "\u0535\u0552",
        [0x1E96] = "H\u0331",
        [0x1E97] = "T\u0308",
        [0x1E98] = "W\u030A",
        [0x1E99] = "Y\u030A",
        [0x1E9A] = "A\u02BE",
        [0x1F50] = "\u03A5\u0313",
        [0x1F52] = "\u03A5\u0313\u0300",
        [0x1F54] = "\u03A5\u0313\u0301",
        [0x1F56] = "\u03A5\u0313\u0342",
        [0x1FB2] = "\u1FBA\u0399",
        [0x1FB3] = "\u0391\u0399",
        [0x1FB4] = "\u0386\u0399",
        [0x1FB6] = "\u0391\u0342",
        [0x1FB7] = "\u0391\u0342\u0399",
        [0x1FBC] = "\u0391\u0399",
        [0x1FC2] = "\u1FCA\u0399",
        [0x1FC3] = "\u0397\u0399",
        [0x1FC4] = "\u0389\u0399",
        [0x1FC6] = "\u0397\u0342",
        [0x1FC7] = "\u0397\u0342\u0399",
        [0x1FCC] = "\u0397\u0399",
        [0x1FD2] = "\u0399\u0308\u0300",
        [0x1FD3] = "\u0399\u0308\u0301",
        [0x1FD6] = "\u0399\u0342",
        [0x1FD7] = "\u0399\u0308\u0342",
        [0x1FE2] = "\u03A5\u0308\u0300",
        [0x1FE3] = "\u03A5\u0308\u0301",
        [0x1FE4] = "\u03A1\u0313",
        [0x1FE6] = "\u03A5\u0342",
        [0x1FE7] = "\u03A5\u0308\u0342",
        [0x1FF2] = "\u1FFA\u0399",
        [0x1FF3] = "\u03A9\u0399",
        [0x1FF4] = "\u038F\u0399",
        [0x1FF6] = "\u03A9\u0342",
        [0x1FF7] = "\u03A9\u0342\u0399",
        [0x1FFC] = "\u03A9\u0399",
        [0xFB00] = "FF",
        [0xFB01] = "FI",
        [0xFB02] = "FL",
        [0xFB03] = "FFI",
        [0xFB04] = "FFL",
        [0xFB05] = "ST",
        [0xFB06] = "ST",
        [0xFB13] = "\u0544\u0546",
        [0xFB14] = "\u0544\u0535",
        [0xFB15] = "\u0544\u053B",
        [0xFB16] = "\u054E\u0546",
        [0xFB17] = "\u0544\u053D",
    };

    private static readonly Dictionary<int, string> s_title = new()
    {
        [0x0149] = "\u02BCN",
        [0x01C4] = "\u01C5",
        [0x01C5] = "\u01C5",
        [0x01C6] = "\u01C5",
        [0x01C7] = "\u01C8",
        [0x01C8] = "\u01C8",
        [0x01C9] = "\u01C8",
        [0x01CA] = "\u01CB",
        [0x01CB] = "\u01CB",
        [0x01CC] = "\u01CB",
        [0x01F1] = "\u01F2",
        [0x01F2] = "\u01F2",
        [0x01F3] = "\u01F2",
        [0x1FB2] = "\u1FBA\u0345",
        [0x1FB3] = "\u1FBC",
        [0x1FB4] = "\u0386\u0345",
        [0x1FB7] = "\u0391\u0342\u0345",
        [0x1FBC] = "\u1FBC",
        [0x1FC2] = "\u1FCA\u0345",
        [0x1FC3] = "\u1FCC",
        [0x1FC4] = "\u0389\u0345",
        [0x1FC7] = "\u0397\u0342\u0345",
        [0x1FCC] = "\u1FCC",
        [0x1FF2] = "\u1FFA\u0345",
        [0x1FF3] = "\u1FFC",
        [0x1FF4] = "\u038F\u0345",
        [0x1FF7] = "\u03A9\u0342\u0345",
        [0x1FFC] = "\u1FFC",
    };

    /// <summary>The upper-case form of a letter, or null if its simple mapping applies.</summary>
    public static string? Upper(int letter) => letter switch
    {
        < 0xDF => null,
        >= 0x1F80 and <= 0x1F8F => new string([(char)(0x1F08 + (letter & 7)), Iota]),
        >= 0x1F90 and <= 0x1F9F => new string([(char)(0x1F28 + (letter & 7)), Iota]),
        >= 0x1FA0 and <= 0x1FAF => new string([(char)(0x1F68 + (letter & 7)), Iota]),
        _ => s_upper.GetValueOrDefault(letter),
    };

    /// <summary>
    /// The title-case form of a letter. Null if this form consists of the first letter of the upper-case form, followed by its other letters in lower
    /// case.
    /// </summary>
    public static string? Title(int letter) => letter switch
    {
        < 0xDF => null,
        // Georgian has upper-case letters, but title case does not use them, so the letter stays as it is.
        >= 0x10D0 and <= 0x10FF => ((char)letter).ToString(),
        >= 0x1F80 and <= 0x1FAF => ((char)(letter | 8)).ToString(),
        _ => s_title.GetValueOrDefault(letter),
    };
}

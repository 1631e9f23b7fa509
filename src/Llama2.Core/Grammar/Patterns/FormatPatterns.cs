namespace Llama2.Grammar.Patterns;

/// <summary>
/// The string formats of JSON Schema 2020-12 as patterns for whole texts. The patterns follow the RFCs that JSON Schema names. Texts about which
/// validators disagree are not matched: dates in the year 0, times with a leap second other than 23:59:60 UTC, e-mail addresses with a quoted name or
/// with an IP address in brackets, and three kinds of host names. The first kind has many long labels. The second kind has characters outside ASCII that RFC
/// 5892 allows only next to certain other characters. The third kind has a label with <c>--</c> as its third and fourth character. RFC 5891 reserves
/// such labels for encoded names.
/// </summary>
internal static class FormatPatterns
{
    private const string Date =
        @"(?!0000)(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
        + @"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";

    private const string Time =
        @"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)|23:59:60(?:\.\d+)?(?:[Zz]|[+-]00:00))";

    private const string Duration =
        @"P(?:(?:\d+D|\d+M(?:\d+D)?|\d+Y(?:\d+M(?:\d+D)?)?)(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?"
        + @"|T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)|\d+W)";

    // A label is a part of a host name between dots: 1 to 63 characters (at most 24 in a short label), without a hyphen at either end, and without
    // two hyphens as the third and fourth character.
    private const string LabelStart = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,2}[A-Za-z0-9]|[A-Za-z0-9-](?:[A-Za-z0-9][A-Za-z0-9-]|-[A-Za-z0-9])[A-Za-z0-9-]";
    private const string LongLabel = LabelStart + "{0,58}[A-Za-z0-9])?", ShortLabel = LabelStart + "{0,19}[A-Za-z0-9])?";

    // Up to 3 labels of any length, or up to 10 labels of at most 24 characters. Both forms stay below the limit of 253 characters, so the characters
    // of the name need not be counted. Counting them would take tens of thousands of states.
    private const string HostName = "(?:" + LongLabel + @"(?:\." + LongLabel + "){0,2}|" + ShortLabel + @"(?:\." + ShortLabel + "){0,9})";

    // Lower-case letters in composed form, of scripts that are written from left to right. A label has at most 14 of them, so that its encoded name
    // stays below 63 bytes.
    private const string InternationalLabel =
        "(?:" + ShortLabel + "|[0-9a-zß-öø-ÿāăąćĉċčďđēĕėęěĝğġģĥħĩīĭįıĵķĸĺļľłńņňŋōŏőœŕŗřśŝşšţťŧũūŭůűųŵŷźżžά-ώа-яѐ-џぁ-ゖァ-ヺ一-鿿가-힣]{1,14})";

    private const string InternationalHostName = "(?:" + HostName + "|" + InternationalLabel + @"(?:\." + InternationalLabel + "){0,2})";

    private const string Atom = "A-Za-z0-9!#$%&'*+/=?^_`{|}~-";
    private const string MailName = "(?=[^@]{1,64}@)[" + Atom + @"]+(?:\.[" + Atom + "]+)*@";

    // 16 characters of up to 4 bytes have at most 64 bytes, which is the limit for the name before the @.
    private const string InternationalAtom = @"[\u{a1}-\u{10ffff}" + Atom + "]";
    private const string InternationalMailName =
        "(?:" + MailName + "|(?:" + InternationalAtom + "{1,16}|" + InternationalAtom + @"{1,8}\." + InternationalAtom + "{1,7})@)";

    private const string Byte = @"(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])";
    private const string Address4 = "(?:" + Byte + @"\.){3}" + Byte;
    private const string Group = "[0-9A-Fa-f]{1,4}";
    private const string LastGroups = "(?:" + Group + ":" + Group + "|" + Address4 + ")";

    // IPv6 addresses: RFC 3986, section 3.2.2.
    private const string Address6 =
        "(?:(?:" + Group + ":){6}" + LastGroups
        + "|::(?:" + Group + ":){5}" + LastGroups
        + "|(?:" + Group + ")?::(?:" + Group + ":){4}" + LastGroups
        + "|(?:(?:" + Group + ":){0,1}" + Group + ")?::(?:" + Group + ":){3}" + LastGroups
        + "|(?:(?:" + Group + ":){0,2}" + Group + ")?::(?:" + Group + ":){2}" + LastGroups
        + "|(?:(?:" + Group + ":){0,3}" + Group + ")?::" + Group + ":" + LastGroups
        + "|(?:(?:" + Group + ":){0,4}" + Group + ")?::" + LastGroups
        + "|(?:(?:" + Group + ":){0,5}" + Group + ")?::" + Group
        + "|(?:(?:" + Group + ":){0,6}" + Group + ")?::)";

    // Characters outside ASCII in IRIs: ucschar and iprivate of RFC 3987, section 2.2.
    private const string International =
        @"\u{a0}-\u{d7ff}\u{f900}-\u{fdcf}\u{fdf0}-\u{ffef}\u{10000}-\u{1fffd}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}\u{40000}-\u{4fffd}\u{50000}-\u{5fffd}"
        + @"\u{60000}-\u{6fffd}\u{70000}-\u{7fffd}\u{80000}-\u{8fffd}\u{90000}-\u{9fffd}\u{a0000}-\u{afffd}\u{b0000}-\u{bfffd}\u{c0000}-\u{cfffd}"
        + @"\u{d0000}-\u{dfffd}\u{e1000}-\u{efffd}";

    private const string Private = @"\u{e000}-\u{f8ff}\u{f0000}-\u{ffffd}\u{100000}-\u{10fffd}";

    // URI templates: RFC 6570.
    private const string VariableCharacter = "(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})";
    private const string Variable = VariableCharacter + @"(?:\.?" + VariableCharacter + @")*(?:\*|:[1-9]\d{0,3})?";
    private const string Template =
        @"(?:[!#$&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]|[" + International + Private + "]|%[0-9A-Fa-f]{2}|{[+#./;?&]?" + Variable + "(?:," + Variable + ")*})*";

    private const string Uuid = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}";
    private const string Pointer = "(?:/(?:[^~/]|~[01])*)*";

    /// <summary>The pattern of a format, in the syntax of ECMA-262; null if no format with this name is known.</summary>
    public static string? Find(string name) => name switch
    {
        "date" => Date,
        "time" => Time,
        "date-time" => $"{Date}[Tt]{Time}",
        "duration" => Duration,
        "email" => MailName + HostName,
        "idn-email" => InternationalMailName + InternationalHostName,
        "hostname" => HostName,
        "idn-hostname" => InternationalHostName,
        "ipv4" => Address4,
        "ipv6" => Address6,
        "uri" => Uri("", "", isReference: false),
        "uri-reference" => Uri("", "", isReference: true),
        "iri" => Uri(International, Private, isReference: false),
        "iri-reference" => Uri(International, Private, isReference: true),
        "uri-template" => Template,
        "uuid" => Uuid,
        "json-pointer" => Pointer,
        "relative-json-pointer" => $"(?:0|[1-9]\\d*)(?:#|{Pointer})",
        _ => null,
    };

    // URIs: RFC 3986, appendix A.
    private static string Uri(string added, string addedToQuery, bool isReference)
    {
        string safe = @"A-Za-z0-9._~!$&'()*+,;=\-" + added, percent = "%[0-9A-Fa-f]{2}";
        string character = $"(?:[{safe}:@]|{percent})", query = $"(?:[{safe}:@/?{addedToQuery}]|{percent})*", fragment = $"(?:[{safe}:@/?]|{percent})*";
        string host = $@"(?:\[{Address6}\]|(?:[{safe}]|{percent})*)";
        string authority = $@"(?:(?:[{safe}:]|{percent})*@)?{host}(?::\d*)?";
        string path = $"(?:/{character}*)*", end = $@"(?:\?{query})?(?:#{fragment})?";
        string hierarchy = $"(?://{authority}{path}|/(?:{character}+{path})?|{character}+{path}|)";
        string absolute = $"[A-Za-z][A-Za-z0-9+.-]*:{hierarchy}{end}";
        if (!isReference)
            return absolute;
        string relative = $"(?://{authority}{path}|/(?:{character}+{path})?|(?:[{safe}@]|{percent})+{path}|)";
        return $"(?:{absolute}|{relative}{end})";
    }
}

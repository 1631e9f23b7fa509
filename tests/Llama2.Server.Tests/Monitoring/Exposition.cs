using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Llama2.Server.Tests.Monitoring;

/// <summary>
/// Metrics, read from Prometheus' text format 0.0.4 or from OpenMetrics 1.0.0. The parser is written from the formats' specifications, and refuses everything that they
/// forbid, and what they only advise against: metrics without a description, series that are not together, labels that are not sorted.
/// </summary>
internal sealed partial class Exposition
{
    private readonly Dictionary<string, string> _kinds = [];
    private readonly HashSet<string> _helps = [];
    private readonly List<Sample> _samples = [];
    private readonly bool _isOpenMetrics;

    private Exposition(bool isOpenMetrics) => _isOpenMetrics = isOpenMetrics;

    public sealed record Sample(string Family, string Name, IReadOnlyDictionary<string, string> Labels, double Value);

    public IReadOnlyDictionary<string, string> Kinds => _kinds;

    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>Reads metrics.</summary>
    /// <exception cref="FormatException">The text breaks a rule.</exception>
    public static Exposition Parse(byte[] bytes, bool isOpenMetrics)
    {
        string text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        Require(text.EndsWith('\n'), "The last line must end with a line feed.", text);
        Require(!text.Contains('\r', StringComparison.Ordinal), "Lines end with a line feed only.", text);
        List<string> lines = [.. text[..^1].Split('\n')];
        if (isOpenMetrics)
        {
            Require(lines[^1] == "# EOF", "The last line must be # EOF.", lines[^1]);
            lines.RemoveAt(lines.Count - 1);
        }

        var read = new Exposition(isOpenMetrics);
        foreach (string line in lines)
            read.ReadLine(line);
        read.CheckSeries();
        foreach (string family in read._kinds.Keys)
            read.CheckFamily(family);
        return read;
    }

    /// <summary>The value of the series with these labels, and perhaps others.</summary>
    public double Value(string name, params (string Name, string Value)[] labels) => Find(name, labels).Single().Value;

    /// <summary>The series with these labels, and perhaps others.</summary>
    public IEnumerable<Sample> Find(string name, params (string Name, string Value)[] labels) =>
        _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.GetValueOrDefault(label.Name) == label.Value));

    private void ReadLine(string line)
    {
        if (Help().Match(line) is { Success: true } help)
            ReadHelp(help.Groups[1].Value, help.Groups[2].Value, line);
        else if (Type().Match(line) is { Success: true } type)
            ReadType(type.Groups[1].Value, type.Groups[2].Value, line);
        else if (SampleLine().Match(line) is { Success: true } sample)
            ReadSample(sample, line);
        else
            throw new FormatException($"No line of the format: {line}");
    }

    private void ReadHelp(string name, string text, string line)
    {
        Require(_helps.Add(name), "A second description of a metric.", line);
        Require(!_kinds.ContainsKey(name), "The description comes before the type here.", line);
        string escapes = _isOpenMetrics ? "\\n\"" : "\\n";
        for (int i = 0; i < text.Length; i++)
        {
            Require(text[i] != '"' || !_isOpenMetrics, "A quotation mark without escape.", line);
            Require(text[i] != '\\' || (i + 1 < text.Length && escapes.Contains(text[++i], StringComparison.Ordinal)), "An unknown escape.", line);
        }
    }

    private void ReadType(string name, string kind, string line)
    {
        Require(kind is "counter" or "gauge" or "histogram", "An unknown type.", line);
        Require(_helps.Contains(name), "A type without a description.", line);
        Require(_kinds.TryAdd(name, kind), "A second type of a metric.", line);
        Require(kind != "counter" || name.EndsWith("_total", StringComparison.Ordinal) != _isOpenMetrics, "The end of a counter's name.", line);
    }

    private void ReadSample(Match match, string line)
    {
        string name = match.Groups["name"].Value;
        var labels = new Dictionary<string, string>();
        string last = "";
        foreach ((string label, string value) in match.Groups["label"].Captures.Zip(match.Groups["value"].Captures, (label, value) => (label.Value, value.Value)))
        {
            Require(!label.StartsWith("__", StringComparison.Ordinal), "A reserved label.", line);
            Require(labels.TryAdd(label, Unescape(value)), "A label twice.", line);
            Require(value.Length > 0, "An empty label is no label.", line);
            Require(label == "le" || string.CompareOrdinal(last, label) < 0, "Labels are sorted here, and le is the last.", line);
            Require(last != "le", "Labels are sorted here, and le is the last.", line);
            last = label;
        }

        string family = FamilyOf(name) ?? throw new FormatException($"A sample without a type before it: {line}");
        _samples.Add(new Sample(family, name, labels, ReadNumber(match.Groups["number"].Value, line)));
    }

    private string? FamilyOf(string name)
    {
        foreach (string suffix in (string[])["", "_bucket", "_sum", "_count", "_total"])
        {
            if (!name.EndsWith(suffix, StringComparison.Ordinal) || !_kinds.TryGetValue(name[..^suffix.Length], out string? kind))
                continue;
            bool fits = kind switch
            {
                "histogram" => suffix is "_bucket" or "_sum" or "_count",
                "counter" => suffix == (_isOpenMetrics ? "_total" : ""),
                _ => suffix.Length == 0,
            };
            if (fits)
                return name[..^suffix.Length];
        }

        return null;
    }

    private static double ReadNumber(string text, string line)
    {
        if (text is "+Inf")
            return double.PositiveInfinity;
        if (text is "-Inf")
            return double.NegativeInfinity;
        Require(text == "NaN" || Number().IsMatch(text), "No number.", line);
        return double.Parse(text, CultureInfo.InvariantCulture);
    }

    private static string Unescape(string value) => Escape().Replace(value, match => match.Value[1] == 'n' ? "\n" : match.Value[1..]);

    // All samples of a metric are together, and no series appears twice.
    private void CheckSeries()
    {
        string[] order = [.. _samples.Select(sample => sample.Family)];
        Require(order.Where((family, i) => i == 0 || order[i - 1] != family).Count() == order.Distinct().Count(), "The samples of a metric are not together.", "");
        string? twice = _samples.GroupBy(KeyOf).FirstOrDefault(series => series.Count() > 1)?.Key;
        Require(twice is null, "A series twice.", twice ?? "");
    }

    private static string KeyOf(Sample sample) => sample.Name + string.Concat(sample.Labels.OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"\0{label.Key}\0{label.Value}"));

    private void CheckFamily(string family)
    {
        Sample[] samples = [.. _samples.Where(sample => sample.Family == family)];
        Require(samples.Length > 0, "A metric without samples.", family);
        if (_kinds[family] == "counter")
            Require(samples.All(sample => sample.Value >= 0), "A counter below zero.", family);
        if (_kinds[family] == "histogram")
        {
            foreach (IGrouping<string, Sample> series in samples.GroupBy(sample => string.Concat(sample.Labels.Where(label => label.Key != "le").Select(label => $"\0{label.Key}\0{label.Value}"))))
                CheckHistogram(family, [.. series]);
        }
    }

    private static void CheckHistogram(string family, Sample[] series)
    {
        Sample[] buckets = [.. series.TakeWhile(sample => sample.Name == family + "_bucket")];
        Require(buckets.Length > 0 && series.Skip(buckets.Length).Select(sample => sample.Name).SequenceEqual([family + "_sum", family + "_count"]), "Buckets, sum and count, in this order.", family);
        double[] boundaries = [.. buckets.Select(bucket => ReadNumber(bucket.Labels["le"], family))];
        Require(boundaries.Zip(boundaries.Skip(1)).All(pair => pair.First < pair.Second), "Boundaries ascend.", family);
        Require(double.IsPositiveInfinity(boundaries[^1]), "The last bucket has no boundary.", family);
        Require(buckets.Zip(buckets.Skip(1)).All(pair => pair.First.Value <= pair.Second.Value), "Buckets contain those before them.", family);
        Require(buckets[^1].Value == series[^1].Value, "The last bucket has all values.", family);
    }

    private static void Require(bool condition, string rule, string line)
    {
        if (!condition)
            throw new FormatException($"{rule} {line}");
    }

    [GeneratedRegex(@"^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Help();

    [GeneratedRegex(@"^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) ([a-z]+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Type();

    [GeneratedRegex(
        """^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\]|\\[\\"n])*)"(,(?!\})|(?=\})))+\})? (?<number>[^ ]+)\z""",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    [GeneratedRegex(@"\\.", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}

using System.Buffers;
using Llama2.Server.Monitoring;

namespace Llama2.Server.Tests.Monitoring;

public class MetricFamilyTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("quote \" and back\\slash")]
    [InlineData("two\nlines \\n")]
    [InlineData("é 漢 🦙")]
    [InlineData("}{,=# \t")]
    public void Write_LabelWithAnyCharacters_IsReadBackAsItWas(string value)
    {
        foreach (bool isOpenMetrics in (bool[])[false, true])
        {
            MetricFamily family = Gauge(help: $"Help: {value}");
            family.Record(1, replaces: false, [new("some.label", value)]);

            Write(isOpenMetrics, family).Value("g", ("some_label", value)).Should().Be(1);
        }
    }

    [Fact]
    public void Record_SameTagsInAnotherOrder_IsTheSameSeries()
    {
        MetricFamily family = Gauge();

        family.Record(1, replaces: false, [new("b", 2), new("a", true), new("c", "x")]);
        family.Record(2, replaces: false, [new("c", "x"), new("a", true), new("b", 2)]);

        family.Read().Should().ContainSingle().Which.Labels.Should().Be("a=\"true\",b=\"2\",c=\"x\"");
        family.Read()[0].Value.Should().Be(3);
    }

    [Fact]
    public void Record_TagsWithoutValueOrOfOneLabel_AreLeftOutOrJoined()
    {
        MetricFamily family = Gauge();

        family.Record(1, replaces: false, [new("a.b", "1"), new("empty", ""), new("nothing", null), new("a_b", "2"), new("9", "n")]);

        family.Read().Should().ContainSingle().Which.Labels.Should().Be("_9=\"n\",a_b=\"1;2\"");
    }

    [Fact]
    public void Record_ManyTags_KeepsTheFirst()
    {
        MetricFamily family = Gauge();

        family.Record(1, replaces: false, [.. Enumerable.Range(10, 50).Select(i => new KeyValuePair<string, object?>($"t{i}", i))]);

        Write(isOpenMetrics: false, family).Samples.Should().ContainSingle().Which.Labels.Should().HaveCount(32);
    }

    [Fact]
    public void Record_EverNewLabels_KeepsABoundedNumberOfSeries()
    {
        MetricFamily family = Gauge();

        for (int i = 0; i < MetricFamily.MaxSeriesCount + 50; i++)
            family.Record(1, replaces: false, [new("i", i)]);

        family.Read().Should().HaveCount(MetricFamily.MaxSeriesCount + 1);
        Write(isOpenMetrics: true, family).Value("g", ("otel_metric_overflow", "true")).Should().Be(50);
    }

    [Fact]
    public void Record_Histogram_CountsValuesUpToEachBoundary()
    {
        var family = new MetricFamily("h", "help", MetricKind.Histogram, isObservable: false, [0.01, 1, 2.5]);

        foreach (double value in (double[])[0.001, 0.01, 0.5, 1, 2, 2.5, 3, 1e9])
            family.Record(value, replaces: false, [new("a", "b")]);

        foreach (bool isOpenMetrics in (bool[])[false, true])
        {
            Exposition read = Write(isOpenMetrics, family);
            read.Find("h_bucket").Select(bucket => (bucket.Labels["le"], bucket.Value)).Should().Equal(("0.01", 2), ("1.0", 4), ("2.5", 6), ("+Inf", 8));
            read.Value("h_count", ("a", "b")).Should().Be(8);
            read.Value("h_sum", ("a", "b")).Should().Be(0.001 + 0.01 + 0.5 + 1 + 2 + 2.5 + 3 + 1e9);
        }
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    [InlineData(1e-300)]
    [InlineData(9007199254740991)]
    [InlineData(-0.1)]
    public void Write_Number_IsReadBackExactly(double value)
    {
        MetricFamily family = Gauge();
        family.Record(value, replaces: true, []);

        Write(isOpenMetrics: false, family).Value("g").Should().Be(value);
    }

    [Fact]
    public void Record_KnownLabels_AllocatesNothing()
    {
        var family = new MetricFamily("h", "help", MetricKind.Histogram, isObservable: false, [1, 2]);
        KeyValuePair<string, object?>[] tags = [new("b", "value"), new("a", "other")];
        // The JIT may allocate for the first calls.
        for (int i = 0; i < 100; i++)
            family.Record(1, replaces: false, tags);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            family.Record(1, replaces: false, tags);

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    private static MetricFamily Gauge(string help = "help") => new("g", help, MetricKind.Gauge, isObservable: false, []);

    private static Exposition Write(bool isOpenMetrics, MetricFamily family)
    {
        var text = new ArrayBufferWriter<byte>();
        var writer = new ExpositionWriter(text, isOpenMetrics);
        writer.Write(family, family.Read());
        writer.End();
        return Exposition.Parse(text.WrittenSpan.ToArray(), isOpenMetrics);
    }
}

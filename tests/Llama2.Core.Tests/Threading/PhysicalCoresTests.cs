using System.Globalization;
using CsCheck;
using Llama2.Threading;

namespace Llama2.Tests.Threading;

public sealed class PhysicalCoresTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    // Eight logical processors of four cores, as Linux numbers them: 0 and 4 are the hardware threads of the first core.
    [Theory]
    [InlineData("0-7", 8, 4)]
    [InlineData("0-3", 4, 4)]
    [InlineData("0,4", 2, 1)]
    [InlineData("1-2,5-6", 4, 2)]
    [InlineData("0-4", 5, 4)]
    [InlineData("7", 1, 1)]
    public void Count_ThreadsOfCores_AreCountedOnceWithinTheAffinity(string affinity, int processorCount, int expected)
    {
        Describe(affinity);

        PhysicalCores.Count(_root.Path, processorCount).Should().Be(expected);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(5, 4)]
    public void Count_ContainerWithLessProcessorTime_IsAtMostItsShare(int processorCount, int expected)
    {
        Describe("0-7");

        PhysicalCores.Count(_root.Path, processorCount).Should().Be(expected);
    }

    [Fact]
    public void Count_NeighbouringThreads_AreOneCore()
    {
        Describe("0-7", processor => $"{processor & ~1}-{processor | 1}");

        PhysicalCores.Count(_root.Path, 8).Should().Be(4);
    }

    [Fact]
    public void Count_OneThreadACore_IsTheNumberOfProcessors()
    {
        Describe("0-7", processor => $"{processor}");

        PhysicalCores.Count(_root.Path, 8).Should().Be(8);
    }

    [Fact]
    public void Count_KernelBefore5_1_ReadsTheOlderName()
    {
        Describe("0-7", fileName: "thread_siblings_list");

        PhysicalCores.Count(_root.Path, 8).Should().Be(4);
    }

    [Fact]
    public void Count_ProcessorsThatAreSwitchedOff_AreNone()
    {
        Describe("0-255");

        PhysicalCores.Count(_root.Path, 8).Should().Be(4);
    }

    [Theory]
    [InlineData("proc/self/status")]
    [InlineData("sys/devices/system/cpu/online")]
    [InlineData("sys/devices/system/cpu/cpu2/topology/core_cpus_list")]
    public void Count_FileMissing_IsTheNumberOfProcessors(string path)
    {
        Describe("0-7");
        File.Delete(_root.File(path));
        PhysicalCores.Count(_root.Path, 8).Should().Be(8);

        Directory.CreateDirectory(_root.File(path));
        PhysicalCores.Count(_root.Path, 8).Should().Be(8);
    }

    [Fact]
    public void Count_NoFiles_IsTheNumberOfProcessors() => PhysicalCores.Count(_root.Path, 6).Should().Be(6);

    [Theory]
    [InlineData("")]
    [InlineData("none")]
    [InlineData("0-")]
    [InlineData("-7")]
    [InlineData("7-0")]
    [InlineData("0,,7")]
    [InlineData("0-7,")]
    [InlineData("0-3,3-7")]
    [InlineData("0-7:1/2")]
    [InlineData("+0-7")]
    [InlineData("0-65536")]
    [InlineData("0-99999999999999999999")]
    public void Count_MalformedList_IsTheNumberOfProcessors(string list)
    {
        Describe(list);
        PhysicalCores.Count(_root.Path, 8).Should().Be(8);

        Describe("0-7", _ => list);
        PhysicalCores.Count(_root.Path, 8).Should().Be(8);

        Describe("0-7");
        Write("sys/devices/system/cpu/online", list);
        PhysicalCores.Count(_root.Path, 8).Should().Be(8);
    }

    [Fact]
    public void Count_SiblingsOfAnotherProcessor_IsTheNumberOfProcessors()
    {
        Describe("0-7", processor => $"{(processor + 1) % 8}");

        PhysicalCores.Count(_root.Path, 8).Should().Be(8);
    }

    [Fact]
    public void Count_EndlessFile_IsTheNumberOfProcessors()
    {
        Describe("0-7");
        Write("proc/self/status", $"Groups:\t{new string('1', 1 << 20)}\nCpus_allowed_list:\t0-7\n");

        PhysicalCores.Count(_root.Path, 8).Should().Be(8);
    }

    [Fact]
    public void Count_AnyText_IsOneToTheNumberOfProcessors()
        => Gen.Select(Gen.String[Gen.Char["0123456789,- \nx"], 0, 12].Array[3], Gen.Int[1, 16]).Sample(
            (texts, processorCount) =>
            {
                Describe(texts[0], _ => texts[1]);
                Write("sys/devices/system/cpu/online", texts[2]);
                return PhysicalCores.Count(_root.Path, processorCount) is int count && count >= 1 && count <= processorCount;
            },
            iter: 50,
            threads: 1);

    [Fact]
    public void Count_ThisMachine_IsOneToTheNumberOfProcessors() => PhysicalCores.Count().Should().BeInRange(1, Environment.ProcessorCount);

    private void Describe(string affinity, Func<int, string>? siblings = null, string fileName = "core_cpus_list")
    {
        siblings ??= processor => $"{processor % 4},{processor % 4 + 4}";
        Write("proc/self/status", $"Name:\tllama2\nThreads:\t9\nCpus_allowed:\tff\nCpus_allowed_list:\t{affinity}\nMems_allowed_list:\t0\n");
        Write("sys/devices/system/cpu/online", "0-7\n");
        for (int processor = 0; processor < 8; processor++)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"sys/devices/system/cpu/cpu{processor}/topology/{fileName}"), siblings(processor) + "\n");
        }
    }

    private void Write(string path, string text)
    {
        string file = _root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

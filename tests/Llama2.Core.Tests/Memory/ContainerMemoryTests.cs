using System.Globalization;
using CsCheck;
using Llama2.Memory;

namespace Llama2.Tests.Memory;

public sealed class ContainerMemoryTests : IDisposable
{
    private const long Limit = 900_000_000;
    private readonly TemporaryFolder _root = new();

    public ContainerMemoryTests() => Write("proc/meminfo", "MemTotal:       24684084 kB\nMemFree:        18934108 kB\n");

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("0::/\n", "sys/fs/cgroup/memory.max")]
    [InlineData("0::/system.slice/llama.service\n", "sys/fs/cgroup/system.slice/llama.service/memory.max")]
    [InlineData("0::/pods/one\n", "sys/fs/cgroup/pods/memory.max")]
    [InlineData("4:memory:/\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    [InlineData("4:memory:/docker/5cb3\n", "sys/fs/cgroup/memory/docker/5cb3/memory.limit_in_bytes")]
    [InlineData("5:cpu,memory:/docker/5cb3\n0::/\n", "sys/fs/cgroup/memory/docker/memory.limit_in_bytes")]
    public void FindLimit_OfTheGroupOrOneAbove_IsAllOfIt(string groups, string path)
    {
        Write("proc/self/cgroup", "8:pids:/\n" + groups);
        Write(path, Text(Limit));

        ContainerMemory.FindLimit(_root.Path).Should().Be(Limit);
    }

    // Docker without a namespace of control groups: the path is that of the host, and the container's own group is mounted.
    [Theory]
    [InlineData("0::/docker/5cb3\n", "sys/fs/cgroup/memory.max")]
    [InlineData("0::/../../docker/5cb3\n", "sys/fs/cgroup/memory.max")]
    [InlineData("4:memory:/docker/5cb3\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")]
    public void FindLimit_PathThatIsNotMounted_IsThatOfTheMount(string groups, string path)
    {
        Write("proc/self/cgroup", groups);
        Write(path, Text(Limit));

        ContainerMemory.FindLimit(_root.Path).Should().Be(Limit);
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(3, 1, 2)]
    [InlineData(3, 2, 1)]
    public void FindLimit_OfSeveralGroups_IsTheLeast(long top, long middle, long own)
    {
        Write("proc/self/cgroup", "0::/pods/one\n");
        Write("sys/fs/cgroup/memory.max", Text(top * Limit));
        Write("sys/fs/cgroup/pods/memory.max", Text(middle * Limit));
        Write("sys/fs/cgroup/pods/one/memory.max", Text(own * Limit));

        ContainerMemory.FindLimit(_root.Path).Should().Be(Limit);
    }

    [Theory]
    [InlineData("max\n")]
    [InlineData("9223372036854771712\n")]
    [InlineData("25276502016\n")]
    [InlineData("-1\n")]
    [InlineData("99999999999999999999\n")]
    [InlineData("900 MB\n")]
    [InlineData("")]
    public void FindLimit_NoneBelowTheMachinesMemory_IsNull(string text)
    {
        Write("proc/self/cgroup", "4:memory:/\n0::/\n");
        Write("sys/fs/cgroup/memory.max", text);
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", text);

        ContainerMemory.FindLimit(_root.Path).Should().BeNull();
    }

    [Theory]
    [InlineData("MemTotal: many kB\n")]
    [InlineData("MemTotal: 9223372036854775807 kB\n")]
    [InlineData("")]
    public void FindLimit_UnknownMachine_StillReadsTheLimit(string machine)
    {
        Write("proc/meminfo", machine);
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/memory.max", Text(Limit));
        ContainerMemory.FindLimit(_root.Path).Should().Be(Limit);

        Write("sys/fs/cgroup/memory.max", "9223372036854771712\n");
        ContainerMemory.FindLimit(_root.Path).Should().BeNull();
    }

    [Fact]
    public void FindLimit_NoFiles_IsNull() => ContainerMemory.FindLimit(_root.File("nowhere")).Should().BeNull();

    [Fact]
    public void FindLimit_AnyText_IsALimitOrNull()
        => Gen.Select(Gen.String[Gen.Char["0123:/.,memory\n"], 0, 40], Gen.String[Gen.Char["0123456789max- \n"], 0, 20]).Sample(
            (groups, limit) =>
            {
                Write("proc/self/cgroup", groups.Replace("..", ".", StringComparison.Ordinal) + "\n0::/\n");
                Write("sys/fs/cgroup/memory.max", limit);
                return ContainerMemory.FindLimit(_root.Path) is not { } found || (found >= 0 && found < 24684084L << 10);
            },
            iter: 50,
            threads: 1);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture) + "\n";

    private void Write(string path, string text)
    {
        string file = _root.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

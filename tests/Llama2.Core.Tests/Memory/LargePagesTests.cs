using System.Globalization;
using System.Runtime.CompilerServices;
using Llama2.Memory;

namespace Llama2.Tests.Memory;

public class LargePagesTests
{
    [LargePagesFact]
    public void Request_LargeBuffer_MarksAllWholePagesOfIt()
    {
        using var buffer = new AlignedBuffer<byte>(LargePages.MinimumByteSize);
        long first = AddressOf(buffer), middle = first + buffer.Length / 2, last = first + buffer.Length - 1 - Environment.SystemPageSize;
        FlagsOf(first + Environment.SystemPageSize).Should().Contain("hg");
        FlagsOf(middle).Should().Contain("hg");
        FlagsOf(last).Should().Contain("hg");
    }

    // A process has no memory at the lowest addresses, so the system refuses the advice.
    [Fact]
    public void Request_RefusedBySystem_DoesNotThrow()
    {
        Action request = () => LargePages.Request(1, LargePages.MinimumByteSize);
        request.Should().NotThrow();
    }

    private static long AddressOf(AlignedBuffer<byte> buffer) => Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref buffer.Reference);

    // The flags of the mapping that contains an address: https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html
    private static string[] FlagsOf(long address)
    {
        bool isWithin = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "VmFlags:" && isWithin)
                return words[1..];
            if (words[0].Split('-') is [var start, var end] && ulong.TryParse(start, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong from))
                isWithin = from <= (ulong)address && (ulong)address < ulong.Parse(end, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        }

        throw new InvalidOperationException($"No mapping contains the address {address}.");
    }
}

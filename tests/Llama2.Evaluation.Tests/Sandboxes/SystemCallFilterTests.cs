using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Llama2.Evaluation.Sandboxes;

namespace Llama2.Evaluation.Tests.Sandboxes;

/// <summary>The filter's decisions, computed by an interpreter of its own. The numbers of the system calls are those of the kernel's headers.</summary>
public class SystemCallFilterTests
{
    private const uint X64 = 0xC000003E, Arm64 = 0xC00000B7, I386 = 0x40000003;
    private const uint Allow = 0x7FFF0000, Kill = 0x80000000, NotPermitted = 0x00050001, NotImplemented = 0x00050026, NoSuchFamily = 0x00050061;

    [Theory]
    [InlineData(X64, 257, 0, 0, Allow)] // openat
    [InlineData(X64, 0, 0, 0, Allow)] // read
    [InlineData(X64, 101, 0, 0, NotPermitted)] // ptrace
    [InlineData(X64, 165, 0, 0, NotPermitted)] // mount
    [InlineData(X64, 272, 0, 0, NotPermitted)] // unshare
    [InlineData(X64, 425, 0, 0, NotPermitted)] // io_uring_setup
    [InlineData(X64, 319, 0, 0, NotPermitted)] // memfd_create
    [InlineData(X64, 134, 0, 0, NotPermitted)] // uselib, the last of the list
    [InlineData(X64, 435, 0, 0, NotImplemented)] // clone3
    [InlineData(X64, 56, 0x01200011, 0, Allow)] // clone: fork
    [InlineData(X64, 56, 0x003D0F00, 0, Allow)] // clone: a thread
    [InlineData(X64, 56, 0x10000011, 0, NotPermitted)] // clone: CLONE_NEWUSER
    [InlineData(X64, 56, 0x00020011, 0, NotPermitted)] // clone: CLONE_NEWNS
    [InlineData(X64, 41, 1, 0, Allow)] // socket: AF_UNIX
    [InlineData(X64, 41, 2, 0, Allow)] // socket: AF_INET
    [InlineData(X64, 41, 10, 0, Allow)] // socket: AF_INET6
    [InlineData(X64, 41, 16, 0, NoSuchFamily)] // socket: AF_NETLINK
    [InlineData(X64, 41, 17, 0, NoSuchFamily)] // socket: AF_PACKET
    [InlineData(X64, 41, 40, 0, NoSuchFamily)] // socket: AF_VSOCK
    [InlineData(X64, 16, 0, 0x5401, Allow)] // ioctl: TCGETS
    [InlineData(X64, 16, 0, 0x5412, NotPermitted)] // ioctl: TIOCSTI
    [InlineData(X64, 16, 0, 0x541C, NotPermitted)] // ioctl: TIOCLINUX
    [InlineData(X64, 0x40000000, 0, 0, NotPermitted)] // read of the x32 interface
    [InlineData(I386, 26, 0, 0, Kill)] // ptrace of i386
    [InlineData(Arm64, 56, 0, 0, Allow)] // openat
    [InlineData(Arm64, 117, 0, 0, NotPermitted)] // ptrace
    [InlineData(Arm64, 40, 0, 0, NotPermitted)] // mount
    [InlineData(Arm64, 97, 0, 0, NotPermitted)] // unshare
    [InlineData(Arm64, 279, 0, 0, NotPermitted)] // memfd_create
    [InlineData(Arm64, 58, 0, 0, NotPermitted)] // vhangup, the last of the list
    [InlineData(Arm64, 435, 0, 0, NotImplemented)] // clone3
    [InlineData(Arm64, 220, 0x01200011, 0, Allow)] // clone: fork
    [InlineData(Arm64, 220, 0x20000011, 0, NotPermitted)] // clone: CLONE_NEWPID
    [InlineData(Arm64, 198, 2, 0, Allow)] // socket: AF_INET
    [InlineData(Arm64, 198, 40, 0, NoSuchFamily)] // socket: AF_VSOCK
    [InlineData(Arm64, 29, 0, 0x5412, NotPermitted)] // ioctl: TIOCSTI
    public void Create_Filter_DecidesBySystemCall(uint architecture, uint number, uint firstArgument, uint secondArgument, uint expected)
    {
        byte[] filter = SystemCallFilter.Create(architecture == Arm64 ? SystemCallNumbers.Of(Architecture.Arm64)! : SystemCallNumbers.Of(Architecture.X64)!);

        Run(filter, architecture, number, firstArgument, secondArgument).Should().Be(expected);
        // The upper half of an argument, which the kernel ignores, must not lead past the filter.
        Run(filter, architecture, number, firstArgument, secondArgument, upperHalf: 1).Should().Be(expected);
    }

    [Theory]
    [InlineData(Architecture.X86)]
    [InlineData(Architecture.Arm)]
    public void Of_OtherArchitecture_IsUnknown(Architecture architecture) => SystemCallNumbers.Of(architecture).Should().BeNull();

    private static uint Run(byte[] filter, uint architecture, uint number, uint firstArgument, uint secondArgument, uint upperHalf = 0)
    {
        uint[] data = [number, architecture, 0, 0, firstArgument, upperHalf, secondArgument, upperHalf];
        uint accumulator = 0;
        for (int position = 0; ; position += 8)
        {
            ReadOnlySpan<byte> instruction = filter.AsSpan(position, 8);
            uint constant = BinaryPrimitives.ReadUInt32LittleEndian(instruction[4..]);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(instruction))
            {
                case 0x20:
                    accumulator = data[constant / 4];
                    break;
                case 0x15:
                    position += 8 * instruction[accumulator == constant ? 2 : 3];
                    break;
                case 0x35:
                    position += 8 * instruction[accumulator >= constant ? 2 : 3];
                    break;
                case 0x45:
                    position += 8 * instruction[(accumulator & constant) != 0 ? 2 : 3];
                    break;
                case 0x06:
                    return constant;
                case ushort code:
                    throw new InvalidOperationException($"unknown instruction {code:X}");
            }
        }
    }
}

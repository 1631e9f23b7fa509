using System.Buffers.Binary;

namespace Llama2.Evaluation.Sandboxes;

/// <summary>
/// A filter of system calls as a program of the classic Berkeley Packet Filter, which seccomp runs before each system call. An instruction has
/// 8 bytes: code (2) | jump if true (1) | jump if false (1) | constant (4). It reads the call's data: number at 0, architecture at 4, arguments from 16
/// on, 8 bytes each.
/// </summary>
internal sealed class SystemCallFilter
{
    private const ushort Load = 0x20, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, JumpIfAnyBit = 0x45, Return = 0x06;
    private const uint NumberOffset = 0, ArchitectureOffset = 4, FirstArgumentOffset = 16, SecondArgumentOffset = 24;
    private const uint Allow = 0x7FFF0000, KillProcess = 0x80000000, Error = 0x00050000;
    private const uint NotPermitted = Error | 1, NotImplemented = Error | 38, NoSuchFamily = Error | 97;

    // CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
    private const uint NewNamespaces = 0x7E020000;

    // TIOCSTI types into a terminal, TIOCLINUX pastes into a console.
    private const uint TypeIntoTerminal = 0x5412, PasteIntoConsole = 0x541C;

    // On x64, numbers from this bit on belong to the x32 interface, which would circumvent the list.
    private const uint OtherInterface = 0x40000000;

    // AF_UNIX, AF_INET and AF_INET6 are confined by the network namespace. Others, such as AF_VSOCK, are not.
    private static readonly uint[] s_families = [1, 2, 10];

    private readonly List<byte> _program = [];

    private SystemCallFilter(SystemCallNumbers numbers)
    {
        Add(Load, ArchitectureOffset);
        Add(JumpIfEqual, numbers.ArchitectureNumber, ifTrue: 1);
        Add(Return, KillProcess);
        Add(Load, NumberOffset);
        AddRule(JumpIfAtLeast, OtherInterface, NotPermitted);
        foreach (uint number in numbers.Denied)
            AddRule(JumpIfEqual, number, NotPermitted);

        // The flags of clone3 are in memory, where a filter cannot read them. The C library falls back to clone when clone3 does not exist.
        AddRule(JumpIfEqual, numbers.CloneProcess3, NotImplemented);
        AddForCall(numbers.CloneProcess, FirstArgumentOffset, [(JumpIfAnyBit, NewNamespaces, NotPermitted)], Allow);
        AddForCall(numbers.IoControl, SecondArgumentOffset, [(JumpIfEqual, TypeIntoTerminal, NotPermitted), (JumpIfEqual, PasteIntoConsole, NotPermitted)], Allow);
        AddForCall(numbers.Socket, FirstArgumentOffset, [.. s_families.Select(family => (JumpIfEqual, family, Allow))], NoSuchFamily);
        Add(Return, Allow);
    }

    public static byte[] Create(SystemCallNumbers numbers) => [.. new SystemCallFilter(numbers)._program];

    private void AddForCall(uint number, uint argumentOffset, (ushort Jump, uint Value, uint Result)[] rules, uint otherwise)
    {
        Add(JumpIfEqual, number, ifFalse: checked((byte)((2 * rules.Length) + 2)));
        Add(Load, argumentOffset);
        foreach ((ushort jump, uint value, uint result) in rules)
            AddRule(jump, value, result);
        Add(Return, otherwise);
    }

    private void AddRule(ushort jump, uint value, uint result)
    {
        Add(jump, value, ifFalse: 1);
        Add(Return, result);
    }

    private void Add(ushort code, uint constant, byte ifTrue = 0, byte ifFalse = 0)
    {
        Span<byte> instruction = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(instruction, code);
        instruction[2] = ifTrue;
        instruction[3] = ifFalse;
        BinaryPrimitives.WriteUInt32LittleEndian(instruction[4..], constant);
        _program.AddRange(instruction);
    }
}

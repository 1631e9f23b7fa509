namespace Llama2.Evaluation;

/// <summary>
/// A program in Python, and optionally checks of what it defines. Without checks the program runs as the main module, and has passed if its exit code
/// is 0. With checks, program and checks run in two sandboxes between which only values are passed: the checks call the program's functions, and the
/// program has passed when the checks have run to their end. Immutable.
/// </summary>
/// <remarks>
/// Because of the two sandboxes, a program with checks cannot pretend success: whatever it prints, however it exits and whatever it replaces in its own
/// process, the results of its functions are compared outside of it. Values of Python's basic types (None, bool, int, float, complex, str, bytes,
/// bytearray, range, list, tuple, set, frozenset, dict; an instance of a subclass counts as an instance of the basic type) are copied in both
/// directions, so a change that a function makes to its arguments does not reach the checks. Any other object of the program is equal to itself only;
/// the checks can call it, read and write its attributes and elements, and iterate over it. The checks cannot pass functions or objects of their own.
/// </remarks>
public sealed record CodeProgram
{
    /// <summary>The maximum length of <see cref="Code"/>, <see cref="Preamble"/> and <see cref="Checks"/>, in characters.</summary>
    public const int MaxLength = 1 << 20;

    /// <summary>The program's source text, at most <see cref="MaxLength"/> characters.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public required string Code
    {
        get;
        init => field = Check(value, nameof(Code));
    }

    /// <summary>The source text of the checks, usually of <c>assert</c> statements, at most <see cref="MaxLength"/> characters; null (the default) for none.</summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public string? Checks
    {
        get;
        init => field = value is null ? null : Check(value, nameof(Checks));
    }

    /// <summary>
    /// Source text that runs before <see cref="Checks"/>, in the same module, without access to the program: imports and functions that the checks
    /// need, at most <see cref="MaxLength"/> characters; empty by default.
    /// </summary>
    /// <exception cref="ArgumentException">The text is too long.</exception>
    public string Preamble
    {
        get;
        init => field = Check(value, nameof(Preamble));
    } = "";

    /// <summary>
    /// The names that the checks take from the program; empty by default. In <see cref="Checks"/>, each of them means the program's function, class or
    /// value, or is not defined if the program does not define it.
    /// </summary>
    /// <exception cref="ArgumentNullException">The list is null.</exception>
    public IReadOnlyList<string> CheckedNames
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = [.. value];
        }
    } = [];

    private static string Check(string value, string name)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        return value.Length <= MaxLength
            ? value
            : throw new ArgumentException($"The text has {value.Length:N0} characters, more than {MaxLength:N0}. Truncate it.", name);
    }
}

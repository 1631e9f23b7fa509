namespace Llama2.Evaluation;

/// <summary>The settings of a <see cref="BubblewrapSandbox"/>. Immutable.</summary>
public sealed record BubblewrapSandboxOptions
{
    /// <summary>The limits of each program.</summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public CodeRunLimits Limits
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = new();

    /// <summary>
    /// The path of the Python interpreter, 3.8 or later; null (the default) for /usr/bin/python3 or, where that does not exist, the first
    /// <c>python3</c> in <c>PATH</c>. If the process runs as root, every user must be able to read the interpreter and its library.
    /// </summary>
    public string? PythonPath { get; init; }

    /// <summary>How many programs run at a time, 1 to 256; by default as many as there are processors. Further calls wait.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is out of range.</exception>
    public int ConcurrentRunCount
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 256);
            field = value;
        }
    } = Math.Clamp(Environment.ProcessorCount, 1, 256);
}

namespace Llama2.Evaluation;

/// <summary>The outcome of a program.</summary>
public enum CodeRunOutcome
{
    /// <summary>The checks ran to their end; without checks, the exit code is 0.</summary>
    Passed,

    /// <summary>A check failed, an exception was raised, the program ended before its checks were done, or the exit code is not 0.</summary>
    Failed,

    /// <summary>The time limit was exceeded.</summary>
    TimedOut,

    /// <summary>The memory limit was exceeded: an allocation failed, or the processes together had too much memory.</summary>
    OutOfMemory,

    /// <summary>The program wrote, or its functions returned, more than the limit.</summary>
    TooMuchOutput,

    /// <summary>The program's first process was ended by a signal, such as SIGSEGV.</summary>
    Killed,
}

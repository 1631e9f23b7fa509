namespace Llama2.Cli.Terminal;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command was understood and failed: a missing file, a malformed model.</summary>
    public const int Failure = 1;

    /// <summary>The command was not understood.</summary>
    public const int WrongUsage = 2;

    /// <summary>Stopped by Ctrl+C: 128 + SIGINT, as in shells.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader has closed the output: 128 + SIGPIPE, as for commands that this signal ends.</summary>
    public const int ClosedPipe = 141;

    /// <summary>Stopped by SIGTERM: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}

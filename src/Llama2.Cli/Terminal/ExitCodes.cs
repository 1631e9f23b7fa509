namespace Llama2.Cli.Terminal;

/// <summary>The exit codes of the process.</summary>
internal static class ExitCodes
{
    public const int Success = 0;

    /// <summary>The command was understood and failed, for example because a file is missing or a model is malformed.</summary>
    public const int Failure = 1;

    /// <summary>The arguments were not understood, so the command was not run.</summary>
    public const int WrongUsage = 2;

    /// <summary>Stopped by Ctrl+C: 128 + SIGINT, as in shells.</summary>
    public const int Interrupted = 130;

    /// <summary>The reader has closed standard output: 128 + SIGPIPE, the exit code of commands that this signal ends.</summary>
    public const int ClosedPipe = 141;

    /// <summary>Stopped by SIGTERM: 128 + SIGTERM.</summary>
    public const int Terminated = 143;
}

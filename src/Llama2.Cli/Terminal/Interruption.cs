namespace Llama2.Cli.Terminal;

/// <summary>
/// Runs a step of a command, such as an answer. Ctrl+C ends the step, but not the command. The user then continues with the command. Thread-safe.
/// </summary>
internal sealed class Interruption
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _step;

    /// <summary>Runs a step that may be interrupted.</summary>
    /// <returns>False if the step was interrupted.</returns>
    /// <param name="step">The step. Only one step may run at a time.</param>
    /// <param name="cancellationToken">Ends the step and the command.</param>
    public async Task<bool> RunAsync(Func<CancellationToken, Task> step, CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate)
        {
            _step = source;
        }

        try
        {
            await step(source.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (source.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            lock (_gate)
            {
                _step = null;
            }
        }
    }

    /// <summary>Interrupts the running step.</summary>
    /// <returns>False if no step is running, or if it was already interrupted.</returns>
    public bool TryInterrupt()
    {
        lock (_gate)
        {
            if (_step is null or { IsCancellationRequested: true })
            {
                return false;
            }

            _step.Cancel();
            return true;
        }
    }
}

namespace Llama2.Chat;

/// <summary>
/// A turn under way: it ends when it is disposed, or, where the enumeration that it belongs to was dropped without being disposed, when the
/// garbage collector finds it.
/// </summary>
/// <param name="end">Ends the turn; called once, in the second case by the finalizer's thread.</param>
internal sealed class OpenTurn(Action end) : IDisposable
{
    ~OpenTurn() => end();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        end();
    }
}

using System.Globalization;
using System.Net;
using static System.FormattableString;

namespace Llama2.Store;

/// <summary>
/// Downloads one file from the hub into the store, or continues a download that was interrupted. The file gets its final name only if its content has
/// the hash that the hub states.
/// </summary>
/// <param name="client">The hub.</param>
/// <param name="retries">How often and when a request is repeated after a transient fault.</param>
/// <param name="reference">The reference that names the repository.</param>
/// <param name="commit">The commit from which the file is requested.</param>
/// <param name="file">The file; its path must have been checked.</param>
internal sealed class FileDownload(HubClient client, RetryPolicy retries, LlamaModelReference reference, string commit, HubFile file)
{
    private const int BufferByteSize = 128 << 10;
    // A transfer has made progress only if it has received at least this many bytes beyond the farthest earlier position. So a server that cuts off
    // every response at the same position makes no progress, and is not asked forever.
    private const int AdvanceByteSize = 1 << 20;
    private readonly byte[] _buffer = new byte[BufferByteSize];
    private long _advancedTo;

    /// <summary>Downloads the file.</summary>
    /// <param name="path">The path of the file in the store; its folder must exist.</param>
    /// <param name="meter">Reports the progress.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ModelStoreException">
    /// The hub refuses the request, fails for too long, or sends content that does not match its list of files.
    /// </exception>
    public async Task RunAsync(string path, PullMeter meter, CancellationToken cancellationToken)
    {
        ContentHash hash = file.Hash
            ?? throw new ModelStoreException($"The hub at {client.Host} gives no hash of '{file.Path}', without which a download cannot be verified. Nothing was pulled.");
        using PartialFile partial = await PartialFile.OpenAsync(path, file, hash, cancellationToken).ConfigureAwait(false);
        bool isResumed = partial.Length > 0;
        await FillAsync(partial, meter, cancellationToken).ConfigureAwait(false);
        if (isResumed && partial.HashHex() != hash.Hex)
        {
            // The wrong bytes may be those that an earlier pull left, so the file is transferred once more from the beginning.
            partial.Restart();
            await FillAsync(partial, meter, cancellationToken).ConfigureAwait(false);
        }

        if (partial.HashHex() is var actual && actual != hash.Hex)
        {
            partial.Restart();
            throw new ModelStoreException(
                $"'{file.Path}' from the hub at {client.Host} has the hash {actual}, and the hub lists {hash.Hex}: it was damaged or changed on the way. The file was deleted; pull it again, and if that does not help, pull it from another hub.");
        }

        partial.Commit();
    }

    private async Task FillAsync(PartialFile partial, PullMeter meter, CancellationToken cancellationToken)
    {
        _advancedTo = partial.Length;
        meter.Report(file.Path, partial.Length, receivedByteSize: 0);
        if (!partial.IsFull)
            await retries.RunAsync(
                $"'{file.Path}'", () => TransferAsync(partial, meter, cancellationToken), () => HasAdvanced(partial), retry => meter.Report(file.Path, partial.Length, retry), cancellationToken).ConfigureAwait(false);
    }

    private bool HasAdvanced(PartialFile partial)
    {
        if (partial.Length < _advancedTo + AdvanceByteSize)
            return false;
        _advancedTo = partial.Length;
        return true;
    }

    private async Task<bool> TransferAsync(PartialFile partial, PullMeter meter, CancellationToken cancellationToken)
    {
        using HubResponse response = await client.GetFileAsync(reference, commit, file.Path, partial.Length, partial.ReadEntityTag(), cancellationToken).ConfigureAwait(false);
        Align(partial, response);
        while (true)
        {
            int count = await response.ReadAsync(_buffer).ConfigureAwait(false);
            if (count == 0)
                break;
            if (count > file.ByteSize - partial.Length)
                throw Misfit(partial, Invariant($"more than the {file.ByteSize:N0} bytes that the hub lists"));

            // This write is not cancellable, so that the file and the hash always cover the same bytes.
            await partial.AppendAsync(_buffer.AsMemory(0, count), CancellationToken.None).ConfigureAwait(false);
            meter.Report(file.Path, partial.Length, count);
        }

        return partial.IsFull ? true : throw new TransientException(Invariant($"the response ended {file.ByteSize - partial.Length:N0} bytes early"));
    }

    // Checks that the response continues where the partial file ends. If it does not, the bytes of the partial file are discarded.
    private void Align(PartialFile partial, HubResponse response)
    {
        if (response.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            partial.Restart();
            throw new TransientException("it has no such range of the file (416)");
        }

        if (response.Status == HttpStatusCode.PartialContent)
        {
            if (response.Range is not { Unit: "bytes", From: var from } || from != partial.Length)
            {
                partial.Restart();
                throw new TransientException("it sent a different range of the file than was requested");
            }
        }
        else if (partial.Length > 0)
        {
            // The server ignores the requested range, or its content has changed since it sent the bytes that are in the partial file.
            partial.Restart();
        }

        if (response.ByteSize is { } size && size != file.ByteSize - partial.Length)
            throw Misfit(partial, string.Create(CultureInfo.InvariantCulture, $"{partial.Length + size:N0} bytes, and the hub lists {file.ByteSize:N0}"));
        if (response.Status == HttpStatusCode.OK)
            partial.WriteEntityTag(response.StrongEntityTag);
    }

    private ModelStoreException Misfit(PartialFile partial, string what)
    {
        partial.Restart();
        return new ModelStoreException($"'{file.Path}' from the hub at {client.Host} has {what}. The file was deleted; is there a proxy or a sign-in page between this machine and the hub?");
    }
}

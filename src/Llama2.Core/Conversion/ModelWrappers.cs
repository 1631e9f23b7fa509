namespace Llama2.Conversion;

/// <summary>The prefixes that PyTorch programs put before the names of all tensors when they save a model that is part of another object.</summary>
internal static class ModelWrappers
{
    // Data-parallel training, torch.compile, FSDP, Accelerate, and PEFT after a merge.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "_forward_module.", "base_model.model."];

    /// <summary>Length of the prefix that all names share and that only states how the model was wrapped when it was saved; 0 if there is none.</summary>
    public static int PrefixLength(IEnumerable<string> names)
    {
        string[] all = [.. names];
        int length = 0;
        while (all.Length > 0 && Array.Find(s_wrappers, wrapper => Array.TrueForAll(all, name => name.AsSpan(length).StartsWith(wrapper))) is { } wrapper)
            length += wrapper.Length;
        return length;
    }
}

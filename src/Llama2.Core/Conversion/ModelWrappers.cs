namespace Llama2.Conversion;

/// <summary>The prefixes that PyTorch programs put before the names of all tensors when they save a model that is part of another object.</summary>
internal static class ModelWrappers
{
    // The prefixes of data-parallel training, torch.compile, FSDP, Accelerate, and PEFT after an adapter was merged, in this order.
    private static readonly string[] s_wrappers = ["module.", "_orig_mod.", "_fsdp_wrapped_module.", "_forward_module.", "base_model.model."];

    /// <summary>
    /// The length of the prefix that all names share and that consists only of the names of such outer objects; 0 if there is none.
    /// </summary>
    public static int PrefixLength(IEnumerable<string> names)
    {
        string[] all = [.. names];
        int length = 0;
        while (all.Length > 0 && Array.Find(s_wrappers, wrapper => Array.TrueForAll(all, name => name.AsSpan(length).StartsWith(wrapper))) is { } wrapper)
            length += wrapper.Length;
        return length;
    }
}

using Countersign.Server.Data;
using Countersign.Server.Features.Confirming.Devices;
using Countersign.Server.Features.Ground.Audit;
using Countersign.Server.Features.Registry.Users;

namespace Countersign.Server.Features.Confirming.DeviceSettings;

/// <summary>What a client changes of a device without asking any: its name, and which one the picker has first.</summary>
internal sealed class NameDevice(IWriter writer, DeviceLife life)
{
    /// <returns>Null when done, else why not.</returns>
    public async Task<Error?> RenameAsync(UserView user, Guid deviceId, string? label, string source, CancellationToken ct)
    {
        var read = DeviceLabel.Read(label);
        return !read.Succeeded ? read.Error : await writer.RunAsync<Error?>(
            async (db, token) =>
                await life.RenameAsync(db, user.Id, deviceId, read.Value, CauseOf(user, source), token) ? null : DeviceErrors.Gone,
            ct);
    }

    /// <returns>Null when done, else why not.</returns>
    public Task<Error?> PreferAsync(UserView user, Guid deviceId, string source, CancellationToken ct) => writer.RunAsync<Error?>(
        async (db, token) => await life.PreferAsync(db, user.Id, deviceId, CauseOf(user, source), token) ? null : DeviceErrors.Gone, ct);

    private static Cause CauseOf(UserView user, string source) => new(Actor.Client(user.Id, source));
}

/// <summary>The name that a client gives a device. It stands in messages, so that nothing in it can be a link.</summary>
internal static class DeviceLabel
{
    public const int MaximumLength = 40;

    public static Result<string> Read(string? typed)
    {
        var label = typed?.Trim() ?? string.Empty;
        return label.Length == 0 ? DeviceErrors.LabelMissing
            : !label.All(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '\'' or '(' or ')' or '+' or '&') ? DeviceErrors.LabelCharacters
            : label.Length > MaximumLength ? DeviceErrors.LabelTooLong with { Arguments = [MaximumLength] }
            : label;
    }
}

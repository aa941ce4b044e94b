using System.Diagnostics.Metrics;
using Countersign.Server.Telemetry;

namespace Countersign.Server.Features.Ground.Audit;

/// <summary>Counts what the audit trail tells, after its commit: a further event is a metric without further code.</summary>
internal sealed class AuditMeasures(IMeterFactory meters)
{
    private const string SignIn = "sign_in.";

    private readonly Counter<long> _events = meters.Countersign().CreateCounter<long>(
        "countersign.audit.events", "{event}", "Audit events, by name.");
    private readonly Counter<long> _signIns = meters.Countersign().CreateCounter<long>(
        "countersign.sign_ins", "{sign_in}", "Sign-ins that ended, by outcome.");
    private readonly Counter<long> _sessions = meters.Countersign().CreateCounter<long>(
        "countersign.sessions.started", "{session}", "Sessions that began, by kind of device.");

    /// <summary>What to do after the commit; null where nobody listens.</summary>
    public Action? Of(string name, params ReadOnlySpan<(string Name, object? Value)> details)
    {
        if (!_events.Enabled && !_signIns.Enabled && !_sessions.Enabled)
        {
            return null;
        }

        var kind = name == AuditEvents.SignedIn ? Find(details, "kind") : null;
        return () => Count(name, kind);
    }

    private void Count(string name, object? kind)
    {
        _events.Add(1, new KeyValuePair<string, object?>(Attributes.Event, name));

        // A right password is half a sign-in, and one by a passkey alone is counted where it is done.
        if (name.StartsWith(SignIn, StringComparison.Ordinal) && name is not (AuditEvents.PasswordRight or AuditEvents.PasskeyAlone))
        {
            _signIns.Add(1, new KeyValuePair<string, object?>(Attributes.Outcome, name[SignIn.Length..]));
        }

        if (name == AuditEvents.SignedIn)
        {
            _sessions.Add(1, new KeyValuePair<string, object?>(Attributes.Kind, kind));
        }
    }

    private static object? Find(ReadOnlySpan<(string Name, object? Value)> details, string name)
    {
        foreach (var (key, value) in details)
        {
            if (key == name)
            {
                return value;
            }
        }

        return null;
    }
}
